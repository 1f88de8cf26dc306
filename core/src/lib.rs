//! Every decision of Lockstep: presence, rules, Finesse's rules, one agent's state machine. No I/O, no clock.
