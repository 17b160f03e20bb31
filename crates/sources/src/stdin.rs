//! Standard input as one blob.

use std::io;

use stanch_scan::{Gap, GapKind, Origin, Scanner, Sink, Source};

use crate::reason::plain;
use crate::window::Reader;

/// Standard input, read to its end.
#[derive(Debug, Default)]
pub struct Stdin;

impl Source for Stdin {
    fn scan(&self, scanner: Scanner<'_>, sink: &dyn Sink) {
        let origin = Origin::Stdin;
        if let Err(error) = Reader::default().scan(io::stdin().lock(), &origin, scanner, sink) {
            sink.gap(Gap { origin, kind: GapKind::Failed, reason: plain(&error) });
        }
    }
}
