//! `lockstep check` and `lockstep reasons` with the outside world at hand, and without it.

mod dead;
mod desktops;
mod everyday;
mod own;
mod reasons;
mod rig;
mod tls;
mod webex;
