//! Writing Markdown.

/// A sentence of a detector file as Markdown: code in backticks stays code, and
/// nothing else is markup.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, piece) in text.split('`').enumerate() {
        if at % 2 == 1 {
            out.push_str(&format!("`{piece}`"));
            continue;
        }
        let mut before = ' ';
        let mut rest = piece.chars().peekable();
        while let Some(c) = rest.next() {
            // Brackets are a link only with an address behind them, and an
            // underscore opens nothing after a letter.
            let link = c == ']' && rest.peek() == Some(&'(');
            if matches!(c, '\\' | '*' | '<' | '|')
                || link
                || (c == '_' && !before.is_ascii_alphanumeric())
            {
                out.push('\\');
            }
            out.push(c);
            before = c;
        }
    }
    out
}

/// A link; without an address the text alone.
pub(super) fn link(text: &str, url: Option<&str>) -> String {
    match url {
        Some(url) if url == text && !url.contains(['<', '>', ' ']) => format!("<{url}>"),
        Some(url) => format!("[{}]({})", prose(text), url.replace('(', "%28").replace(')', "%29")),
        None => prose(text),
    }
}

/// A number with its noun.
pub(super) fn count(number: usize, one: &str, more: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { more })
}

/// A number with commas between thousands.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A sentence of a clause: with a capital and a full stop.
pub(super) fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let stop = if clause.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_markup() {
        assert_eq!(prose("*a* `b_*` <c> DB_, A_KEY _d"), "\\*a\\* `b_*` \\<c> DB_, A_KEY \\_d");
        assert_eq!(prose("{\"a\": [1]} [b](c)"), "{\"a\": [1]} [b\\](c)");
        assert_eq!(link("a", Some("https://a.example/(b)")), "[a](https://a.example/%28b%29)");
    }

    #[test]
    fn thousands_have_commas() {
        let told: Vec<String> = [7, 999, 1004, 1_234_567].map(thousands).into();
        assert_eq!(told, ["7", "999", "1,004", "1,234,567"]);
        assert_eq!(count(1, "detector", "detectors"), "1 detector");
    }
}
