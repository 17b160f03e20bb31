//! Regular expressions for paths, as far as they are path patterns.

/// The path pattern of `stanch.toml` that matches what a regular expression
/// does, or less; none where there is no such pattern.
pub(super) fn of_regex(regex: &str) -> Option<String> {
    // A path pattern tells the cases apart, and so matches less.
    let mut rest = regex.strip_prefix("(?i)").unwrap_or(regex);
    // It covers what is below a folder by itself.
    let below = ["(?:/.*)?", "(?:/.*?)?", "(/.*)?", "(/.*?)?", "(?:/|$)", "(/|$)"];
    let open = rest.strip_suffix('$').unwrap_or(rest);
    let folder = below.iter().find_map(|end| open.strip_suffix(end));
    rest = folder.unwrap_or(rest);
    let mut glob = String::new();
    // `^` and `(^|/)` begin a path or a part of it, anything else may stand
    // within a name.
    if let Some(after) = rest.strip_prefix('^') {
        rest = after.strip_prefix('/').unwrap_or(after);
        glob.push('/');
    } else if let Some(after) =
        ["(^|/)", "(?:^|/)", "(/|^)", "(?:/|^)"].iter().find_map(|p| rest.strip_prefix(p))
    {
        rest = after;
        glob.push_str("**/");
    } else if let Some(after) = rest.strip_prefix('/') {
        rest = after;
        glob.push_str("**/");
    } else {
        rest = [".*?", ".*", "(.*?)", "(.*)"]
            .iter()
            .find_map(|p| rest.strip_prefix(p))
            .unwrap_or(rest);
        glob.push_str("**/*");
    }
    let start = glob.len();
    rest = body(rest, &mut glob, false)?;
    match rest {
        "$" | "\\z" => {}
        "" if folder.is_some() || glob.ends_with(['/', '*']) => {}
        "" => glob.push('*'),
        _ => return None,
    }
    // A pattern for everything is no path pattern.
    let named =
        glob.get(start..).is_some_and(|body| body.bytes().any(|b| b.is_ascii_alphanumeric()));
    named.then_some(glob)
}

/// Takes what can be said in a path pattern and gives the rest.
fn body<'r>(regex: &'r str, glob: &mut String, nested: bool) -> Option<&'r str> {
    let mut rest = regex;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '$' => break,
            '|' | ')' if nested => break,
            '\\' => {
                let escaped = after.chars().next()?;
                if escaped == 'z' {
                    break;
                }
                if !escaped.is_ascii_punctuation() || "*?[]{}!,\\".contains(escaped) {
                    return None;
                }
                glob.push(escaped);
                &after[1..]
            }
            // An unescaped dot is mostly meant to be one.
            '.' => match ["*?", "+?", "*", "+"].iter().find_map(|p| after.strip_prefix(p)) {
                Some(after) => {
                    glob.push_str(if glob.ends_with('/') && after.starts_with('/') {
                        "**"
                    } else {
                        "*"
                    });
                    after
                }
                None => {
                    glob.push('.');
                    after
                }
            },
            '[' => {
                let after = after.strip_prefix("^/]")?;
                glob.push('*');
                after.strip_prefix(['*', '+'])?
            }
            '(' if !nested => {
                let mut inner = after.strip_prefix("?:").unwrap_or(after);
                glob.push('{');
                loop {
                    inner = body(inner, glob, true)?;
                    if let Some(next) = inner.strip_prefix('|') {
                        glob.push(',');
                        inner = next;
                    } else {
                        break;
                    }
                }
                glob.push('}');
                inner.strip_prefix(')')?
            }
            c if c.is_ascii_alphanumeric() || "/_-~@ %=:#&<>\"'`".contains(c) => {
                glob.push(c);
                after
            }
            _ => return None,
        };
        // What is repeated is no literal.
        if rest.starts_with(['*', '+', '?', '{']) {
            return None;
        }
    }
    // Stars that met are one.
    while let Some(at) = glob.find("***") {
        glob.remove(at);
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_patterns_become_path_patterns() {
        let cases = [
            (r"^testdata/", "/testdata/"),
            (r"(^|/)vendor/", "**/vendor/"),
            (r"\.(png|jpe\.g)$", "**/*.{png,jpe.g}"),
            (r"(.*?)gitleaks.toml$", "**/*gitleaks.toml"),
            (r"/docs/.*/[^/]+\.md$", "**/docs/**/*.md"),
            ("fixtures", "**/*fixtures*"),
            (r"(?i)\.lock$", "**/*.lock"),
            (r"(?:^|/)barn_modules(?:/.*)?$", "**/barn_modules"),
        ];
        for (regex, glob) in cases {
            assert_eq!(of_regex(regex).as_deref(), Some(glob), "{regex}");
        }
    }

    #[test]
    fn what_a_path_pattern_cannot_say_is_left() {
        for regex in ["(?s)a", "a?b", "[a-z]+", ".*", "", "^", "a{2}", "(a(b))", "a|b"] {
            assert_eq!(of_regex(regex), None, "{regex}");
        }
    }
}
