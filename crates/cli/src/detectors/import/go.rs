//! From the regular expressions of Go to those of Rust. Both descend from RE2
//! and differ in what must be escaped.
//! Syntax: <https://github.com/google/re2/wiki/Syntax>.

use regex_syntax::escape;

/// The same pattern as Rust writes it.
///
/// # Errors
/// What Rust has no way to say.
pub(super) fn to_rust(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '\\' => escaped(rest, &mut out)?,
            '[' => class(rest, &mut out)?,
            '{' => {
                let len = counted(rest).unwrap_or(0);
                if len == 0 {
                    out.push_str("\\{");
                }
                out.push_str(&rest[..len]);
                &rest[len.max(1)..]
            }
            c => {
                out.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    Ok(out)
}

/// Length of `{n}`, `{n,}` or `{n,m}`; any other brace is a literal in Go.
fn counted(text: &str) -> Option<usize> {
    let (inside, _) = text.strip_prefix('{')?.split_once('}')?;
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (!least.is_empty() && number(least) && number(most)).then_some(inside.len() + 2)
}

/// Takes an escape from the start of `text` and gives what follows it.
fn escaped<'t>(text: &'t str, out: &mut String) -> Result<&'t str, String> {
    let rest = text.get(1..).unwrap_or("");
    let Some(c) = rest.chars().next() else {
        return Err("its pattern ends in a lone backslash".to_owned());
    };
    let after = &rest[c.len_utf8()..];
    match c {
        'Q' => {
            let (literal, after) = after.split_once("\\E").unwrap_or((after, ""));
            out.push_str(&escape(literal));
            return Ok(after);
        }
        'E' => {}
        'C' => return Err("its pattern has `\\C`, which nothing here stands for".to_owned()),
        '0'..='7' => {
            let digits = rest.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            if c != '0' && digits == 1 {
                return Err("its pattern has a back-reference".to_owned());
            }
            let code = u32::from_str_radix(&rest[..digits], 8).unwrap_or(0);
            out.push_str(&format!("\\x{{{code:x}}}"));
            return Ok(&rest[digits..]);
        }
        // Rust gives a meaning to an escaped angle bracket, and Go does not.
        c if c.is_ascii_punctuation() => out.push_str(&escape(&c.to_string())),
        c => out.extend(['\\', c]),
    }
    Ok(after)
}

/// Takes a bracketed class from the start of `text`. Rust has classes inside
/// classes and operators between them; in Go these are literals.
fn class<'t>(text: &'t str, out: &mut String) -> Result<&'t str, String> {
    let mut rest = text.get(1..).unwrap_or("");
    out.push('[');
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    let (mut first, mut hyphen) = (true, false);
    loop {
        let Some(c) = rest.chars().next() else {
            return Err("its pattern has a bracket that nothing closes".to_owned());
        };
        let after = &rest[c.len_utf8()..];
        let was_hyphen = std::mem::take(&mut hyphen);
        match c {
            ']' if !first => {
                out.push(']');
                return Ok(after);
            }
            '\\' => {
                rest = escaped(rest, out)?;
                first = false;
                continue;
            }
            '[' => match rest.strip_prefix("[:").and_then(|named| named.split_once(":]")) {
                Some((name, after))
                    if name.bytes().all(|b| b.is_ascii_lowercase() || b == b'^') =>
                {
                    out.push_str(&format!("[:{name}:]"));
                    rest = after;
                    first = false;
                    continue;
                }
                _ => out.push_str("\\["),
            },
            '-' if first || was_hyphen => out.push_str("\\-"),
            '-' => {
                out.push('-');
                hyphen = true;
            }
            ']' | '&' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
        first = false;
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(go: &str, matching: &[&str], other: &[&str]) {
        let rust = to_rust(go).unwrap();
        let hir = stanch_rules::pattern::parse(&rust);
        assert!(hir.is_ok(), "{go} became {rust}: {hir:?}");
        let regex = regex_automata::meta::Regex::new(&format!("^(?:{rust})$")).unwrap();
        matching.iter().for_each(|text| assert!(regex.is_match(text), "{rust} and {text}"));
        other.iter().for_each(|text| assert!(!regex.is_match(text), "{rust} and {text}"));
    }

    #[test]
    fn braces_that_count_nothing_are_literals() {
        same(r"\${[a-z]{2}}", &["${ab}"], &["$ab"]);
        same("x{,3}", &["x{,3}"], &["xxx"]);
        same("{{a}}", &["{{a}}"], &["a"]);
    }

    #[test]
    fn a_class_has_no_classes_and_no_operators() {
        same("[a[]", &["a", "["], &["]"]);
        same("[]a]", &["]", "a"], &["["]);
        same("[a&&b~~-]+", &["a&b~-"], &["c"]);
        same("[+--]", &["+", ",", "-"], &["."]);
        same("[-a]", &["-", "a"], &["b"]);
        same("[[:alpha:][:^digit:]]", &["a", "-"], &["1"]);
    }

    #[test]
    fn escapes_keep_their_meaning() {
        same(r"\<\>\/\'\_", &["<>/'_"], &[]);
        same(r"\Qa.b\E+", &["a.bb"], &["axb"]);
        same(r"\x41\102\z", &["AB"], &[]);
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        assert!(to_rust(r"(a)\1").unwrap_err().contains("back-reference"));
        assert!(to_rust("[a").is_err() && to_rust("a\\").is_err() && to_rust(r"\C").is_err());
    }
}
