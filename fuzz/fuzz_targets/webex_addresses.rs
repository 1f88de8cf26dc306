//! libFuzzer on `webex_addresses` of the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockstep_fuzz::run("webex_addresses", data));
