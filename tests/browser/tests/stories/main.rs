//! Stories of the desktop in a real browser.

mod by_hand;
mod calls;
mod continuity;
mod failover;
mod plain_gadget;
mod presence;
mod tabs;
