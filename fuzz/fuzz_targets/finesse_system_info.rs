//! libFuzzer on `finesse_system_info` of the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockstep_fuzz::run("finesse_system_info", data));
