//! Any bytes and ranges through every decoder: none panics, none gives more
//! than it may, and every span it names lies in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stanch_scan::decode::{self, Decoded, Limits};

fuzz_target!(|data: (u16, u16, &[u8])| {
    let (from, to, text) = data;
    let (from, to) = (usize::from(from), usize::from(to));
    let limits = Limits { bytes: 4096 };
    let mut all = Vec::new();
    decode::run(text, 0..text.len(), &limits, &mut all);
    decode::run(text, from..to, &limits, &mut all);
    all.extend(decode::entities_at(text, from, &limits));
    all.extend(decode::concatenation_at(text, from, &limits));
    all.extend(decode::concatenation_around(text, from..to, &limits));
    if let Some(encoding) = decode::utf16(text) {
        all.push(decode::utf16_decode(text, encoding, &limits));
    }
    all.extend(decode::utf16_strings(text, &limits));
    for decoded in &all {
        check(decoded, text, &limits);
    }
});

fn check(decoded: &Decoded, text: &[u8], limits: &Limits) {
    assert!(decoded.span.start <= decoded.span.end && decoded.span.end <= text.len());
    assert!(decoded.text.len() <= limits.bytes);
    let outer = decoded.outer(0..decoded.text.len());
    assert!(outer.start <= outer.end && outer.end <= text.len());
}
