//! Seed phrases in the layouts that people and programs write them in.

use stanch_rules::checksum;
use stanch_scan::{Context, Engine, Scratch};

const ID: &str = "bip39-seed-phrase";

/// Phrases that hold, one of each number of words.
fn phrases() -> Vec<Vec<String>> {
    let lengths = [5, 3, 8, 4, 6, 7];
    [12, 15, 18, 21, 24]
        .into_iter()
        .map(|count| {
            let words: Vec<String> =
                lengths.iter().cycle().take(count).map(|len| "x".repeat(*len)).collect();
            let mut phrase = words.join(" ").into_bytes();
            assert!(checksum::seal("bip39", &mut phrase, None, None));
            String::from_utf8_lossy(&phrase).split(' ').map(str::to_owned).collect()
        })
        .collect()
}

#[test]
fn a_phrase_is_found_in_every_layout() {
    let engine = Engine::new(stanch_detectors::pack());
    for words in &phrases() {
        let line = words.join(" ");
        let (head, tail) = words.split_at(words.len() / 2);
        let numbered: String =
            words.iter().zip(1..).map(|(word, nr)| format!("{nr}. {word}\n")).collect();
        for text in [
            format!("MNEMONIC={line}\nPORT=1\n"),
            format!("mnemonic: >-\n  {}\n  {}\nport: 1\n", head.join(" "), tail.join(" ")),
            format!("mnemonic: >-\r\n  {}\r\n  {}\r\n", head.join(" "), tail.join(" ")),
            format!("Recovery phrase:\n\n{numbered}\nKeep it safe.\n"),
            format!("seed phrase:\n{}\n", words.join("\n")),
            format!("{{\"mnemonic\": [\"{}\"]}}", words.join("\", \"")),
            format!("{{\"mnemonic\": [\n    \"{}\"\n  ]}}", words.join("\",\n    \"")),
            format!("// The wallet that pays for deployments.\nconst words = \"{line}\";\n"),
            format!("os.getenv(\"MNEMONIC\", \"{line}\")"),
            format!("const MNEMONIC: &str = \"{line}\";"),
            format!("cast wallet import dev --mnemonic '{line}'"),
            format!("<mnemonic>{line}</mnemonic>"),
            format!("\"{{\\\"mnemonic\\\":\\\"{line}\\\"}}\""),
            format!("SEED PHRASE: {}", line.to_uppercase()),
            format!("My seed phrase: {line} (keep it)"),
        ] {
            let context = Context { path: "notes.txt", keep: 0..text.len() };
            let found = engine.scan(&mut Scratch::default(), text.as_bytes(), &context).0;
            let spans: Vec<&str> = found
                .iter()
                .filter(|found| engine.rule(found.rule).id == ID)
                .map(|found| &text[found.span.clone()])
                .collect();
            let [span] = spans.as_slice() else { panic!("{spans:?} in {text}") };
            let lower = span.to_lowercase();
            assert!(lower.starts_with(&words[0]) && lower.ends_with(&words[words.len() - 1]));
        }
    }
}

#[test]
fn a_phrase_that_nothing_speaks_of_or_with_a_wrong_word_is_not_found() {
    let engine = Engine::new(stanch_detectors::pack());
    let words = &phrases()[0];
    let line = words.join(" ");
    let others = ["able", "about", "above", "absent", "absorb"];
    let wrong = others
        .iter()
        .filter(|other| {
            let text = format!("MNEMONIC=\"{}\"", line.replacen(words[0].as_str(), other, 1));
            let context = Context { path: "notes.txt", keep: 0..text.len() };
            let found = engine.scan(&mut Scratch::default(), text.as_bytes(), &context).0;
            found.is_empty()
        })
        .count();
    // One in sixteen holds by chance.
    assert!(wrong >= 3, "{wrong}");
    for text in [format!("MNEMONIC=\"{line} extra\""), format!("mnemonic: {} bogusword\n", line)] {
        let context = Context { path: "notes.txt", keep: 0..text.len() };
        let found = engine.scan(&mut Scratch::default(), text.as_bytes(), &context).0;
        assert!(found.iter().all(|found| engine.rule(found.rule).id != ID), "{text}");
    }
}
