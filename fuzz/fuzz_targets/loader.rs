//! Any text as a detector file, through every check of the loader: it answers
//! with a pack or with errors, and never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stanch_rules::load;

fuzz_target!(|text: &str| {
    if let Ok(source) = load::parse("fuzz.toml", text) {
        let _ = load::pack(&[source]);
    }
});
