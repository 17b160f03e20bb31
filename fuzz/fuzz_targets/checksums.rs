//! Any value under every checksum, with any split into groups: checking never
//! panics, and a value that was sealed passes its own check.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stanch_rules::checksum::{self, Input};

fuzz_target!(|data: (u8, u8, &[u8])| {
    let (from, to, value) = data;
    let (from, to) = (usize::from(from).min(value.len()), usize::from(to).min(value.len()));
    let (over, equals) = (from.min(to), from.max(to));
    for kind in checksum::kinds() {
        let whole = Input { value, over: None, equals: None };
        let split = Input { value, over: value.get(..over), equals: value.get(equals..) };
        checksum::check(kind, whole);
        checksum::check(kind, split);
        let mut sealed = value.to_vec();
        checksum::seal(kind, &mut sealed, None, None);
        checksum::seal(kind, &mut sealed, Some(0..over), Some(equals..value.len()));
        checksum::seal(kind, &mut sealed, Some(from..usize::MAX), Some(to..from));
        assert_eq!(sealed.len(), value.len(), "{kind} changed the length");
    }
});
