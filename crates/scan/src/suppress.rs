//! Comments that tell a scanner to ignore a line: ours, and those of tools
//! that a repository may have used before.

use std::ops::Range;

/// Markers on the line itself.
const HERE: &[&str] = &[
    "stanch:ignore",
    "gitleaks:allow",
    "betterleaks:allow",
    "trufflehog:ignore",
    "kingfisher:ignore",
    "ggignore",
    "pragma: allowlist secret",
    "pragma: whitelist secret",
    "pragma:allowlist secret",
    "pragma:whitelist secret",
];

/// Markers on the line before.
const NEXT: &[&str] = &[
    "stanch:ignore-next-line",
    "pragma: allowlist nextline secret",
    "pragma: whitelist nextline secret",
];

/// How far from a match a marker may stand, in bytes; a line may be long.
const REACH: usize = 2000;

/// The marker that covers a span, if there is one.
pub(crate) fn marker(text: &[u8], span: &Range<usize>) -> Option<&'static str> {
    let first = line_around(text, span.start);
    let last = line_around(text, span.end.saturating_sub(1).max(span.start));
    let above = (first.start > 0).then(|| line_around(text, first.start - 1));
    // The opening comment of a block of several lines stands above it.
    find(text, &first, HERE)
        .filter(|marker| *marker != "stanch:ignore" || !contains(text, &first, NEXT[0]))
        .or_else(|| find(text, &last, HERE).filter(|_| last != first))
        .or_else(|| above.and_then(|above| find(text, &above, NEXT)))
}

fn find(text: &[u8], line: &Range<usize>, markers: &[&'static str]) -> Option<&'static str> {
    markers.iter().copied().find(|marker| contains(text, line, marker))
}

fn contains(text: &[u8], line: &Range<usize>, marker: &str) -> bool {
    text.get(line.clone())
        .is_some_and(|line| memchr::memmem::find(line, marker.as_bytes()).is_some())
}

fn line_around(text: &[u8], at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let floor = at.saturating_sub(REACH);
    let start = memchr::memrchr(b'\n', &text[floor..at]).map_or(floor, |i| floor + i + 1);
    let ceiling = (at + REACH).min(text.len());
    let end = memchr::memchr(b'\n', &text[at..ceiling]).map_or(ceiling, |i| at + i);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<&'static str> {
        let at = text.find("VALUE").unwrap();
        marker(text.as_bytes(), &(at..at + 5))
    }

    #[test]
    fn a_marker_on_the_same_line_counts() {
        assert_eq!(of("a = VALUE # stanch:ignore\n"), Some("stanch:ignore"));
        assert_eq!(of("a = VALUE // gitleaks:allow"), Some("gitleaks:allow"));
        assert_eq!(of("a = VALUE  # pragma: allowlist secret"), Some("pragma: allowlist secret"));
        assert_eq!(of("a = VALUE\n# stanch:ignore\n"), None);
        assert_eq!(of("# stanch:ignore\na = VALUE\n"), None);
    }

    #[test]
    fn a_marker_for_the_next_line_counts_for_that_line_only() {
        assert_eq!(of("# stanch:ignore-next-line\na = VALUE\n"), Some("stanch:ignore-next-line"));
        assert_eq!(
            of("# pragma: allowlist nextline secret\na = VALUE\n"),
            Some("pragma: allowlist nextline secret")
        );
        assert_eq!(of("a = VALUE # stanch:ignore-next-line\n"), None);
        assert_eq!(of("# stanch:ignore-next-line\n\na = VALUE\n"), None);
    }
}
