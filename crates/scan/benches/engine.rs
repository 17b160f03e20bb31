//! How fast the engine reads source text, and how little that depends on the
//! number of detectors: `cargo bench -p stanch-scan --bench engine`.
//!
//! The text is this repository's own source. One thread.
#![expect(clippy::expect_used, reason = "a benchmark that cannot start should say so")]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use stanch_rules::{Pack, load};
use stanch_scan::{Context, Engine, Scratch};

fn main() {
    divan::main();
}

/// Source text of at least 4 MB.
fn text() -> Vec<u8> {
    let mut text = Vec::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    collect(&crates, &mut text);
    let once = text.len();
    while text.len() < 4 << 20 {
        text.extend_from_within(..once);
    }
    text
}

fn collect(folder: &Path, text: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, text);
        } else if path.extension().is_some_and(|e| e == "rs") {
            text.extend(fs::read(&path).unwrap_or_default());
        }
    }
}

/// `count` built-in detectors, with made-up ones where these do not suffice:
/// half of them with a mark, half known by shape. The generic ones and what is
/// recognised by code come first, so that every number has the cost of judging
/// assignments and of key blocks in it, and what is left is that of the number.
fn pack(count: usize) -> Pack {
    let mut pack = stanch_detectors::pack();
    let missing = count.saturating_sub(pack.rules.len());
    pack.rules.sort_by_key(|rule| !(rule.general || rule.recognizer.is_some()));
    pack.rules.truncate(count);
    pack.rules.sort_by(|a, b| a.id.cmp(&b.id));
    let mut file =
        String::from("[provider]\nid = \"made-up\"\nname = \"Made up\"\ncategory = \"saas\"\n");
    for nr in 0..missing {
        let _ = write!(
            file,
            "[[detector]]\nid = \"zz-made-up-{nr}\"\nname = \"Made up\"\nseverity = \"low\"\nrisk = \"None.\"\n"
        );
        let _ = match nr % 2 {
            0 => writeln!(
                file,
                "keywords = [\"mu{nr}_\"]\npattern = '\\bmu{nr}_[A-Za-z0-9]{{32}}\\b'"
            ),
            _ => writeln!(
                file,
                "near = [\"madeup{nr}\"]\npattern = '\\b[A-Za-z0-9]{{{}}}\\b'",
                24 + nr % 40
            ),
        };
    }
    if missing > 0 {
        let source = load::parse("made-up.toml", &file).expect("well-formed");
        pack.rules.extend(load::pack(&[source]).expect("sound").rules);
        pack.rules.sort_by(|a, b| a.id.cmp(&b.id));
    }
    pack
}

#[divan::bench(args = [1, 80, 400, 1000])]
fn source_text(bencher: Bencher<'_, '_>, detectors: usize) {
    let text = text();
    let engine = Engine::new(pack(detectors));
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| {
        let context = Context { path: "src/lib.rs", keep: 0..text.len() };
        black_box(engine.scan(&mut scratch, black_box(&text), &context).0.len())
    });
}

#[divan::bench(args = [80, 1000])]
fn start(bencher: Bencher<'_, '_>, detectors: usize) {
    let bytes = pack(detectors).to_bytes().expect("packs");
    bencher.bench_local(|| Engine::new(Pack::from_bytes(black_box(&bytes)).expect("unpacks")));
}
