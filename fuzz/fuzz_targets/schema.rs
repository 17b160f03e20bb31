//! Any text as a detector file, up to the types: reading it never panics, and
//! what was read survives being written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stanch_rules::schema::ProviderFile;

fuzz_target!(|text: &str| {
    if let Ok(file) = toml::from_str::<ProviderFile>(text) {
        let written = toml::to_string(&file).expect("what was read can be written");
        toml::from_str::<ProviderFile>(&written).expect("what was written can be read");
    }
});
