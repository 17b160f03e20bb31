//! Rules for Rust sources.

use super::Violation;

/// The one file that may say `unsafe`; a portable twin is tested against it.
const UNSAFE_FILE: &str = "crates/scan/src/simd.rs";

/// Checks one Rust file.
pub(super) fn check(path: &str, text: &str, violations: &mut Vec<Violation>) {
    let code = code_of(text);
    let mut violation = |at: usize, message: &str| {
        let line = code.get(..at).map(|before| before.matches('\n').count() + 1);
        violations.push(Violation { path: path.to_owned(), line, message: message.to_owned() });
    };
    for start in ["#[expect(", "#[allow(", "#![expect(", "#![allow("] {
        for (at, _) in code.match_indices(start) {
            if !attribute(&code, at).contains("reason =") {
                violation(
                    at,
                    "a lint is silenced without a reason. Add `reason = \"…\"`, or better, do as \
                     the lint says",
                );
            }
        }
    }
    if path != UNSAFE_FILE {
        for at in words(&code, "unsafe") {
            violation(
                at,
                "`unsafe` may only stand in crates/scan/src/simd.rs. Use the safe functions of \
                 that module, or find another way",
            );
        }
    }
    for (at, _) in code.match_indices(concat!("to", "do!(")) {
        violation(at, "this is unfinished work. Finish it, or return an error that says so");
    }
}

/// The attribute that starts at `at`, up to its closing bracket.
fn attribute(code: &str, at: usize) -> &str {
    let rest = code.get(at..).unwrap_or_default();
    let mut depth = 0_usize;
    for (index, c) in rest.char_indices() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return rest.get(..index).unwrap_or(rest);
                }
            }
            _ => {}
        }
    }
    rest
}

/// Where `word` stands by itself.
fn words(code: &str, word: &str) -> Vec<usize> {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(|at| {
            let before = code.get(..*at).and_then(|s| s.chars().next_back());
            let after = code.get(at + word.len()..).and_then(|s| s.chars().next());
            !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
        })
        .collect()
}

/// The text with comments and the insides of literals turned into spaces; line
/// breaks stay, so that line numbers do.
fn code_of(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let mut code = String::with_capacity(text.len());
    let mut index = 0;
    while index < chars.len() {
        let end = match (at(index), at(index + 1)) {
            ('/', '/') => line_end(&chars, index),
            ('/', '*') => comment_end(&chars, index),
            ('"', _) => quote_end(&chars, index),
            ('\'', '\\') => quote_end(&chars, index),
            ('\'', _) if at(index + 2) == '\'' => index + 3,
            ('r', '"' | '#') if !follows_name(&chars, index) => raw_string_end(&chars, index),
            _ => index,
        };
        if end == index {
            code.push(at(index));
            index += 1;
            continue;
        }
        let end = end.min(chars.len());
        code.extend((index..end).map(|i| if at(i) == '\n' { '\n' } else { ' ' }));
        index = end;
    }
    code
}

fn line_end(chars: &[char], start: usize) -> usize {
    (start..chars.len()).find(|i| chars.get(*i) == Some(&'\n')).unwrap_or(chars.len())
}

fn comment_end(chars: &[char], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut index = start;
    while index < chars.len() {
        match (chars.get(index), chars.get(index + 1)) {
            (Some('/'), Some('*')) => {
                depth += 1;
                index += 2;
            }
            (Some('*'), Some('/')) => {
                depth -= 1;
                index += 2;
                if depth == 0 {
                    return index;
                }
            }
            _ => index += 1,
        }
    }
    chars.len()
}

/// The end of a string or of an escaped character: the next mark like the
/// first, where a backslash takes one away.
fn quote_end(chars: &[char], start: usize) -> usize {
    let mark = chars.get(start);
    let mut index = start + 1;
    while index < chars.len() {
        match chars.get(index) {
            Some('\\') => index += 2,
            c if c == mark => return index + 1,
            _ => index += 1,
        }
    }
    chars.len()
}

/// The end of `r"…"` or `r#"…"#`; `start` itself for a raw identifier.
fn raw_string_end(chars: &[char], start: usize) -> usize {
    let hashes = chars.iter().skip(start + 1).take_while(|c| **c == '#').count();
    let open = start + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return start;
    }
    (open + 1..chars.len())
        .find(|i| {
            chars.get(*i) == Some(&'"')
                && (1..=hashes).all(|more| chars.get(i + more) == Some(&'#'))
        })
        .map_or(chars.len(), |i| i + 1 + hashes)
}

/// Whether the character belongs to a name that began earlier; the `b` of
/// `br"…"` and the `c` of `cr"…"` are no names.
fn follows_name(chars: &[char], index: usize) -> bool {
    let before = |n: usize| index.checked_sub(n).and_then(|i| chars.get(i)).copied();
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    match before(1) {
        Some('b' | 'c') => part_of_word(before(2)),
        c => part_of_word(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        let mut violations = Vec::new();
        check(path, text, &mut violations);
        violations.iter().map(Violation::to_string).collect()
    }

    #[track_caller]
    fn one(text: &str, wanted: &str) {
        let messages = messages("a.rs", text);
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(messages[0].contains(wanted), "{messages:?}");
    }

    #[track_caller]
    fn none(text: &str) {
        assert_eq!(messages("a.rs", text), Vec::<String>::new());
    }

    #[test]
    fn a_silenced_lint_without_a_reason_is_told() {
        one("mod a;\n#[allow(dead_code)]\nfn f() {}\n", "a.rs:2: a lint is silenced");
        one("#![expect(\n    dead_code,\n    missing_docs\n)]\n", "a.rs:1: ");
        one("#[expect(clippy::cast_possible_wrap)] // reason = none", "silenced");
    }

    #[test]
    fn a_silenced_lint_with_a_reason_is_fine() {
        none("#[expect(dead_code, reason = \"used (soon) by ]\")]\nfn f() {}\n");
        none("#![allow(\n    dead_code,\n    reason = \"generated\"\n)]\n");
        none("// #[allow(dead_code)]\nlet s = \"#[allow(dead_code)]\";\n");
    }

    #[test]
    fn unsafe_is_told_everywhere_but_in_its_file() {
        one("fn f() {\n    unsafe { g() }\n}\n", "a.rs:2: `unsafe`");
        one("unsafe extern \"C\" {}", "`unsafe`");
        assert!(messages(UNSAFE_FILE, "unsafe { g() }").is_empty());
        none("#![forbid(unsafe_code)]\n// unsafe\n/* unsafe /* unsafe */ unsafe */\n");
        none("let a = [\"unsafe\", r#\"\"unsafe\"#, \"\\\"unsafe\"];");
        none("let a = (b\"unsafe\", br\"unsafe\", '\"', \"unsafe\", '\\'', \"unsafe\");");
    }

    #[test]
    fn lifetimes_and_raw_names_do_not_hide_code() {
        one("fn f<'a>(x: &'a str) { unsafe {} }", "`unsafe`");
        one("let r#type = 1; unsafe {}", "`unsafe`");
        one("let par = \"\"; unsafe {}", "`unsafe`");
    }

    #[test]
    fn unfinished_code_is_told() {
        one("fn f() {\n    todo!()\n}\n", "a.rs:2: this is unfinished");
        none("// todo!()");
    }

    #[test]
    fn text_that_ends_inside_a_literal_is_no_trouble() {
        for text in ["\"a", "'\\", "r#\"a", "/* a", "#[allow(", "r#", "'", "\"\\"] {
            let _ = messages("a.rs", text);
        }
    }
}
