//! Lockstep: keeps a Cisco Finesse agent's state in step with that person's Webex presence.

fn main() {}
