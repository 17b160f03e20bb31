//! TruffleHog: a file for its `--exclude-paths`, one pattern to a line.

use super::{Matcher, Parsed, What, regex};

/// Every line is a pattern that may match anywhere in a path.
pub(super) fn paths_file(text: &str) -> anyhow::Result<Parsed> {
    let mut parsed = Parsed::default();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match regex(line) {
            Ok(regex) => parsed.add(Some(number + 1), None, What::Paths(Matcher::Regex(regex))),
            Err(why) => {
                parsed.remarks.push(format!("line {} is not honoured: {why}", number + 1));
            }
        }
    }
    Ok(parsed)
}
