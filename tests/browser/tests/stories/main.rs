//! Stories of the desktop in a real browser.

mod by_hand;
mod calls;
mod plain_gadget;
mod presence;
