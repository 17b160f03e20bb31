//! The built-in detector pack: `detectors/*.toml`, packed when this crate is
//! built. There is no logic here.

use stanch_rules::Pack;
use stanch_rules::book::Book;

/// Every built-in detector file as `(name, text)`, for what the engine does
/// not need: pages, requests, samples.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

const BOOK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/book.bin"));

const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pack.bin"));

/// The built-in detectors as the engine runs them.
#[expect(clippy::expect_used, reason = "a scan without detectors must not pass for a clean one")]
pub fn pack() -> Pack {
    Pack::from_bytes(PACKED).expect("the same code wrote these bytes in this very build")
}

/// What people are told of the built-in detectors. It is decoded anew at every
/// call, and by no scan.
#[expect(clippy::expect_used, reason = "the same code wrote these bytes in this very build")]
pub fn book() -> Book {
    Book::from_bytes(BOOK).expect("the same code wrote these bytes in this very build")
}
