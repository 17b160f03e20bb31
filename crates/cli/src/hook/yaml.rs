//! Inserting lines into somebody's YAML without touching any other byte.
//!
//! Only the plain block style that these files are written in is understood;
//! for everything else the lines are printed instead.

/// Adds an item to the list under a top-level key, right below the key.
/// `item` has its lines as they would stand without indentation.
pub(super) fn add_item(text: &str, key: &str, item: &[&str]) -> Option<String> {
    let (at, end) = block(text, &format!("{key}:"), "")?;
    let indent = match items_indent(text.get(at..end)?) {
        Some(indent) => indent,
        None if text.get(at..end)?.trim().is_empty() => "  ".to_owned(),
        None => return None,
    };
    Some(insert(text, at, &indent, item))
}

/// Adds a mapping under `first: second:`; what is missing of these is made.
pub(super) fn add_under(text: &str, first: &str, second: &str, lines: &[&str]) -> Option<String> {
    let Some((at, end)) = block(text, &format!("{first}:"), "") else {
        if text.lines().any(|line| line.starts_with(&format!("{first}:"))) {
            return None;
        }
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let head = format!("{text}{gap}{first}:\n  {second}:\n");
        let at = head.len();
        return Some(insert(&head, at, "    ", lines));
    };
    let inner = text.get(at..end)?;
    let indent = inner.lines().find_map(indent_of)?;
    if indent.is_empty() {
        return None;
    }
    if let Some((from, to)) = block(inner, &format!("{indent}{second}:"), &indent) {
        let deeper = inner.get(from..to)?.lines().find_map(indent_of);
        let deeper = deeper.unwrap_or_else(|| format!("{indent}  "));
        return Some(insert(text, at + from, &deeper, lines));
    }
    // Another way to list what runs; the two cannot always stand together.
    if inner.lines().any(|line| line.starts_with(&format!("{indent}jobs:")) || line.contains('\t'))
        || inner.lines().any(|line| line.starts_with(&format!("{indent}{second}:")))
    {
        return None;
    }
    let with_head = insert(text, at, &indent, &[&format!("{second}:")]);
    let at = at + indent.len() + second.len() + 2;
    Some(insert(&with_head, at, &format!("{indent}  "), lines))
}

/// Where the lines below `head` begin and end: all that are indented deeper
/// than `indent`, blank, or comments; list items may stand at its own depth.
fn block(text: &str, head: &str, indent: &str) -> Option<(usize, usize)> {
    let mut start = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        let bare = line.trim_end();
        match start {
            None if bare == head && line.ends_with('\n') => start = Some(next),
            None => {}
            Some(start) => {
                let inner = bare.strip_prefix(indent).is_some_and(|rest| {
                    rest.starts_with([' ', '#']) || rest.starts_with("- ") || rest == "-"
                });
                if !bare.trim().is_empty() && !inner {
                    return Some((start, at));
                }
            }
        }
        at = next;
    }
    start.map(|start| (start, at))
}

fn indent_of(line: &str) -> Option<String> {
    let rest = line.trim_start();
    let real = !rest.is_empty() && !rest.starts_with('#');
    real.then(|| line.get(..line.len() - rest.len()).unwrap_or_default().to_owned())
}

fn items_indent(block: &str) -> Option<String> {
    let first = block.lines().find(|line| indent_of(line).is_some())?;
    first.trim_start().starts_with('-').then(|| indent_of(first)).flatten()
}

fn insert(text: &str, at: usize, indent: &str, lines: &[&str]) -> String {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let lines: String = lines.iter().map(|line| format!("{indent}{line}\n")).collect();
    format!("{before}{lines}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_goes_below_its_key_with_the_indentation_of_the_others() {
        let text = "# top\nrepos:\n-   repo: a\n    hooks: []\nother: 1\n";
        assert_eq!(
            add_item(text, "repos", &["- repo: local", "  x: 1"]).unwrap(),
            "# top\nrepos:\n- repo: local\n  x: 1\n-   repo: a\n    hooks: []\nother: 1\n"
        );
        let text = "repos:\n  # why\n  - repo: a\n";
        assert_eq!(
            add_item(text, "repos", &["- repo: local"]).unwrap(),
            "repos:\n  - repo: local\n  # why\n  - repo: a\n"
        );
        for odd in ["", "repos: []\n", "repos: [{repo: a}]\n", "repos:\n  a: b\n"] {
            assert_eq!(add_item(odd, "repos", &["- x"]), None, "{odd}");
        }
    }

    #[test]
    fn a_mapping_goes_under_its_keys_or_makes_them() {
        let lines = ["stanch:", "  run: x"];
        let add = |text: &str| add_under(text, "pre-push", "commands", &lines);
        let made = "pre-push:\n  commands:\n    stanch:\n      run: x\n";
        assert_eq!(add("").unwrap(), made);
        assert_eq!(add("a: 1").unwrap(), format!("a: 1\n{made}"));
        assert_eq!(
            add("pre-push:\n  parallel: true\n  commands:\n     t:\n       run: y\nz: 1\n")
                .unwrap(),
            "pre-push:\n  parallel: true\n  commands:\n     stanch:\n       run: x\n     t:\n       \
             run: y\nz: 1\n"
        );
        assert_eq!(
            add("pre-push:\n  parallel: true\n").unwrap(),
            "pre-push:\n  commands:\n    stanch:\n      run: x\n  parallel: true\n"
        );
        for odd in ["pre-push: {}\n", "pre-push:\n  jobs:\n    - run: y\n"] {
            assert_eq!(add(odd), None, "{odd}");
        }
    }
}
