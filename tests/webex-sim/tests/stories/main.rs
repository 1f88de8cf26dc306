//! Stories of clients and the simulated cloud, over real sockets.

mod binary;
mod client;
mod control;
mod devices;
mod discovery;
mod event_faults;
mod http_faults;
mod mercury;
mod mercury_faults;
mod people;
mod presence;
mod scale;
mod strictness;
mod tokens;
