//! Stories of the supervisor's page in a real browser, before a server that says what a story wants.

mod acts;
mod door;
mod faces;
mod keyboard;
mod link;
mod load;
mod logic;
mod table;
