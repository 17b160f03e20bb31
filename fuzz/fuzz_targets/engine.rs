//! Any bytes through the whole engine with the built-in detectors: it never
//! panics, gives no match outside the text, and the same answer twice.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use stanch_scan::{Context, Engine, Scratch};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(stanch_detectors::pack()));

fuzz_target!(|text: &[u8]| {
    let context = Context { path: "a.txt", keep: 0..text.len() };
    let mut scratch = Scratch::default();
    let (first, _) = ENGINE.scan(&mut scratch, text, &context);
    let (second, _) = ENGINE.scan(&mut scratch, text, &context);
    assert_eq!(first.len(), second.len());
    for (a, b) in first.iter().zip(&second) {
        assert!(a.span.start <= a.span.end && a.span.end <= text.len());
        assert_eq!(a.span, b.span);
    }
});
