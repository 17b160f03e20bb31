//! Text inside of quotes of another text, with a way back.

use std::ops::Range;

/// How a piece of text is written in the file around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is; the text must not contain what would end it.
    Plain,
    /// Between single quotes, which are doubled inside.
    Single,
    /// Between double quotes, with backslashes.
    Double,
    /// Lines of their own.
    Block,
}

/// A piece of text as whoever reads it sees it.
pub(super) struct Embedded {
    pub(super) text: String,
    style: Style,
    /// Where each byte of the text is written; one more for the end.
    map: Vec<usize>,
}

impl Embedded {
    /// Reads what stands between the quotes. None for escapes that it does not
    /// know.
    pub(super) fn read(source: &str, span: Range<usize>, style: Style) -> Option<Embedded> {
        let written = source.get(span.clone())?;
        let mut text = String::with_capacity(written.len());
        let mut map = Vec::with_capacity(written.len() + 1);
        let mut chars = written.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let read = match (style, c) {
                (Style::Single, '\'') => {
                    chars.next().filter(|(_, next)| *next == '\'')?;
                    '\''
                }
                (Style::Double, '\\') => match chars.next()?.1 {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    same @ ('"' | '\\' | '/' | ' ') => same,
                    _ => return None,
                },
                _ => c,
            };
            map.extend(std::iter::repeat_n(span.start + at, read.len_utf8()));
            text.push(read);
        }
        map.push(span.end);
        Some(Embedded { text, style, map })
    }

    /// Where a span of the file is in the text.
    pub(super) fn inner(&self, span: &Range<usize>) -> Option<Range<usize>> {
        let at = |offset: usize| self.map.iter().position(|mapped| *mapped >= offset);
        let inner = at(span.start)?..at(span.end)?;
        (!inner.is_empty()).then_some(inner)
    }

    /// Where a span of the text is in the file.
    pub(super) fn outer(&self, span: &Range<usize>) -> Option<Range<usize>> {
        Some(*self.map.get(span.start)?..*self.map.get(span.end)?)
    }

    /// New text as it is written in the file; none if this style cannot.
    pub(super) fn write(&self, text: &str) -> Option<String> {
        match self.style {
            Style::Plain => {
                let fits = !text.contains(": ") && !text.contains(" #") && !text.contains('\n');
                fits.then(|| text.to_owned())
            }
            Style::Single => Some(text.replace('\'', "''")),
            Style::Double => Some(text.replace('\\', "\\\\").replace('"', "\\\"")),
            Style::Block => Some(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_found_in_both_directions() {
        let source = r#"run: "echo \"ä\" x""#;
        let read = Embedded::read(source, 6..source.len() - 1, Style::Double).unwrap();
        assert_eq!(read.text, "echo \"ä\" x");
        let at = source.find(" x").unwrap() + 1;
        let inner = read.inner(&(at..at + 1)).unwrap();
        assert_eq!(&read.text[inner.clone()], "x");
        assert_eq!(read.outer(&inner), Some(at..at + 1));
        assert_eq!(read.write("\"$X\"").unwrap(), "\\\"$X\\\"");
        assert!(Embedded::read("'it's'", 1..5, Style::Single).is_none());
    }
}
