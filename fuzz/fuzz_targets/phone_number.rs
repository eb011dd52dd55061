#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dispatcher_fuzzing::run("phone_number", bytes));
