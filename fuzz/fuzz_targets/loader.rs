//! Any text as a detector file, through every check of the loader: it answers
//! with a pack or with errors, and never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = stanch_rules::load::parse("fuzz.toml", text);
});
