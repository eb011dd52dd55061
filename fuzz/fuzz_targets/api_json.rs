#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dispatcher_fuzzing::run("api_json", bytes));
