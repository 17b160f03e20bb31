//! Reading a stream of any length through a window of fixed size.

use std::io::{self, Read};

use stanch_scan::{Base, Gap, GapKind, Origin, Outcome, Scanner, Scratch, Sink};

/// Bytes that belong to one window.
const WINDOW: usize = 2 << 20;

/// Bytes before a window that are shown to the engine again, as context.
const BEFORE: usize = 32 << 10;

/// Bytes after a window that are shown to the engine already, so that what
/// begins in the window is seen to its end.
const AFTER: usize = 72 << 10;

/// Bytes asked for at once while it is not known how long the stream is.
const FIRST_READ: usize = 128 << 10;

/// A thread's reading buffer and scratch.
#[derive(Default)]
pub(crate) struct Reader {
    buffer: Vec<u8>,
    scratch: Scratch,
}

impl Reader {
    /// Scans a stream to its end.
    ///
    /// # Errors
    /// The first failure to read. What was read before has been scanned.
    pub(crate) fn scan(
        &mut self,
        mut stream: impl Read,
        origin: &Origin,
        scanner: Scanner<'_>,
        sink: &dyn Sink,
    ) -> io::Result<()> {
        // Bytes in the buffer, and of these the ones that a window before had.
        let mut filled = 0;
        let mut seen = 0;
        let mut base = Base::default();
        loop {
            let wanted = seen + WINDOW + AFTER;
            let (failure, ended) = self.fill(&mut stream, &mut filled, wanted);
            let keep_to = if ended || failure.is_some() { filled } else { seen + WINDOW };
            let text = &self.buffer[..filled];
            let outcome = scanner.window(&mut self.scratch, origin, text, seen..keep_to, base);
            sink.scanned(origin, (keep_to - seen) as u64);
            report(outcome, origin, sink);
            if let Some(error) = failure {
                return Err(error);
            }
            if ended {
                sink.blob(origin);
                return Ok(());
            }
            // What follows the window moves to the front, with some context.
            let from = keep_to.saturating_sub(BEFORE);
            base = base.after(&text[..from]);
            self.buffer.copy_within(from..filled, 0);
            filled -= from;
            seen = keep_to - from;
        }
    }

    /// Scans what is in memory already, in windows if it is large; `base` is
    /// where it begins in its blob.
    pub(crate) fn scan_bytes(
        &mut self,
        text: &[u8],
        mut base: Base,
        origin: &Origin,
        scanner: Scanner<'_>,
        sink: &dyn Sink,
    ) {
        let (mut from, mut seen) = (0, 0);
        loop {
            let whole = text.len() - seen <= WINDOW + AFTER;
            let keep_to = if whole { text.len() } else { seen + WINDOW };
            let shown_to = if whole { text.len() } else { keep_to + AFTER };
            let window = text.get(from..shown_to).unwrap_or_default();
            let keep = seen - from..keep_to - from;
            let outcome = scanner.window(&mut self.scratch, origin, window, keep, base);
            sink.scanned(origin, (keep_to - seen) as u64);
            report(outcome, origin, sink);
            if whole {
                sink.blob(origin);
                return;
            }
            let next = keep_to.saturating_sub(BEFORE);
            base = base.after(text.get(from..next).unwrap_or_default());
            (from, seen) = (next, keep_to);
        }
    }

    /// Reads until `wanted` bytes are there, the stream ends or fails.
    fn fill(
        &mut self,
        stream: &mut impl Read,
        filled: &mut usize,
        wanted: usize,
    ) -> (Option<io::Error>, bool) {
        while *filled < wanted {
            let room = if *filled < FIRST_READ { FIRST_READ } else { (*filled * 4).min(wanted) };
            if self.buffer.len() < room {
                self.buffer.resize(room, 0);
            }
            match stream.read(&mut self.buffer[*filled..room.max(*filled + 1).min(wanted)]) {
                Ok(0) => return (None, true),
                Ok(read) => *filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (Some(error), false),
            }
        }
        (None, false)
    }
}

fn report(outcome: Outcome, origin: &Origin, sink: &dyn Sink) {
    if !outcome.findings.is_empty() {
        sink.findings(outcome.findings);
    }
    for certificate in outcome.certificates {
        sink.certificate(origin, certificate);
    }
    report_limits(outcome.limits, origin, sink);
}

fn report_limits(limits: stanch_scan::Limits, origin: &Origin, sink: &dyn Sink) {
    let reasons = [
        (limits.work, "its candidates took more work to confirm than its size allows"),
        (limits.decoded, "it decodes to more bytes than its size allows"),
        (limits.matches, "it has more findings than are kept of one window"),
    ];
    for (_, reason) in reasons.iter().filter(|(hit, _)| *hit) {
        sink.gap(Gap {
            origin: origin.clone(),
            kind: GapKind::Limited,
            reason: (*reason).to_owned(),
        });
    }
}
