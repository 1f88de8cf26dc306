//! Stories of the desktop in a real browser.

mod blocked;
mod by_hand;
mod calls;
mod continuity;
mod faces;
mod failover;
mod layouts;
mod official_client;
mod plain_gadget;
mod presence;
mod reasons;
mod refusals;
mod snooze;
mod supervisor;
mod tabs;
