//! Stories of the desktop in a real browser.

mod plain_gadget;
