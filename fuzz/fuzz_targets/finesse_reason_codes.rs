//! libFuzzer on `finesse_reason_codes` of the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockstep_fuzz::run("finesse_reason_codes", data));
