//! libFuzzer on `webex_frames` of the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockstep_fuzz::run("webex_frames", data));
