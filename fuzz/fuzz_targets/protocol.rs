//! libFuzzer on `protocol` of the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockstep_fuzz::run("protocol", data));
