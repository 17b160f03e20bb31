//! Whether a value stands in the output of a notebook's cell or in its code.

use serde_json::Value;

/// Whether `value` stands in the outputs of a notebook's cells and not in their
/// sources; false for what is no notebook.
pub fn in_output(notebook: &[u8], value: &[u8]) -> bool {
    let (Ok(Value::Object(book)), Ok(value)) =
        (serde_json::from_slice(notebook), std::str::from_utf8(value))
    else {
        return false;
    };
    let cells = book.get("cells").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let has = |key: &str| {
        cells.iter().filter_map(|cell| cell.get(key)).any(|part| {
            // Lines are kept apart, and a value may be wrapped over them.
            let mut text = String::new();
            gather(part, &mut text, 32);
            text.contains(value)
        })
    };
    !value.is_empty() && has("outputs") && !has("source")
}

fn gather(part: &Value, text: &mut String, depth: usize) {
    match part {
        Value::String(line) => text.push_str(line),
        Value::Array(items) if depth > 0 => items.iter().for_each(|i| gather(i, text, depth - 1)),
        Value::Object(items) if depth > 0 => {
            items.values().for_each(|i| gather(i, text, depth - 1))
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_and_code_of_a_notebook_are_told_apart() {
        let book = |source: &str, output: &str| {
            serde_json::to_vec(&serde_json::json!({"cells": [
                {"source": [source], "outputs": [{"name": "stdout", "text": ["a\n", output]}]}
            ]}))
            .unwrap()
        };
        assert!(in_output(&book("print(token)", "the-value\n"), b"the-value"));
        assert!(!in_output(&book("token = 'the-value'", "the-value\n"), b"the-value"));
        assert!(!in_output(&book("", "other"), b"the-value"));
        assert!(!in_output(b"no notebook the-value", b"the-value"));
    }
}
