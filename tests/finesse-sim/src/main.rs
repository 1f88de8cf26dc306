//! A stand-in for Cisco Finesse on UCCX and UCCE: REST, states, calls, reason codes.

fn main() {}
