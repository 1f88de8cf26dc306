//! libFuzzer on `webex_people` of the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockstep_fuzz::run("webex_people", data));
