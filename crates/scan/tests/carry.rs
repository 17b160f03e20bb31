//! What is carried over from a base must be what a whole scan finds.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first wrong thing")]

use std::ops::Range;
use std::sync::LazyLock;

use proptest::prelude::*;
use stanch_rules::{load, sample};
use stanch_scan::{Copied, Engine, Found, Scratch};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(stanch_detectors::pack()));

/// Lines that texts are made of: ordinary code, what opens and closes literals,
/// and secrets, some of which reach over many lines.
static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut lines: Vec<String> = [
        "func main() {",
        "}",
        "// the quick brown fox jumps over the lazy dog",
        "x := `raw text that opens",
        "` + more",
        "key := os.Getenv(\"KEY\")",
        "\"\"\"",
        "password = readPassword()",
        "integrity sha512-abc",
        "",
        "password: Tr0ub4dor&3x",
    ]
    .map(str::to_owned)
    .to_vec();
    let wanted = [
        "github-pat-classic",
        "aws-access-key-id",
        "aws-secret-access-key",
        "private-key-rsa",
        "slack-webhook-url",
        "datadog-api-key",
    ];
    for (name, text) in stanch_detectors::FILES {
        let detectors = load::parse(name, text).unwrap().content.detectors;
        for detector in detectors.iter().filter(|d| wanted.contains(&d.id.as_str())) {
            let made = sample::sample(detector, 3).unwrap();
            lines.push(format!("{} = \"{}\"", detector.id.replace('-', "_"), made.text));
            lines.push(made.text);
        }
    }
    lines
});

fn places(text: &[u8], found: &Found) -> Vec<(String, Range<usize>)> {
    let matches = ENGINE.settle(text, found);
    matches.into_iter().map(|m| (ENGINE.rule(m.rule).id.clone(), m.span)).collect()
}

fn width(lines: &[usize]) -> usize {
    lines.iter().map(|line| LINES[*line].len() + 1).sum()
}

fn text(lines: &[usize]) -> String {
    lines.iter().map(|line| format!("{}\n", LINES[*line])).collect()
}

/// What a delta would copy: the longest stretches of lines that both have,
/// from wherever they stand.
fn copies(old: &[usize], new: &[usize]) -> Vec<Copied> {
    let mut copied = Vec::new();
    let (mut to, mut line) = (0, 0);
    while line < new.len() {
        let (count, from) = (0..old.len())
            .map(|from| {
                let both = old[from..].iter().zip(&new[line..]);
                (both.take_while(|(a, b)| a == b).count(), from)
            })
            .max_by_key(|(count, from)| (*count, std::cmp::Reverse(*from)))
            .unwrap_or((0, 0));
        let step = if count > 2 { count } else { 1 };
        let len = width(&new[line..line + step]);
        if count > 2 {
            copied.push(Copied { from: width(&old[..from]), to, len });
        }
        to += len;
        line += step;
    }
    copied
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_changed_text_is_scanned_as_a_whole_one_is(
        old in prop::collection::vec(0..1000_usize, 60..300),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..1000_usize, 0..3_u8),
            1..8,
        ),
        path in prop::sample::select(vec!["a/b.go", "config.yml", "x.py", "notes.md"]),
    ) {
        // Mostly ordinary lines, so that what is found stands apart.
        let pick = |n: usize| if n < 850 { n % 11 } else { n % LINES.len() };
        let old: Vec<usize> = old.into_iter().map(pick).collect();
        let mut new = old.clone();
        for (place, line, what) in edits {
            let at = place.index(new.len());
            match what {
                0 => new.insert(at, pick(line)),
                1 => drop(new.remove(at)),
                _ => new[at] = pick(line),
            }
        }
        let (before, after) = (text(&old), text(&new));
        let (before, after) = (before.as_bytes(), after.as_bytes());
        let mut scratch = Scratch::default();
        let base = ENGINE.find(&mut scratch, before, path);
        let copied = copies(&old, &new);
        let carried =
            ENGINE.find_changed(&mut scratch, after, path, (before, &base), &copied);
        let whole = ENGINE.find(&mut scratch, after, path);
        prop_assert_eq!(places(after, &carried), places(after, &whole));
    }
}

#[test]
fn a_changed_here_document_reaches_behind_the_next_shift() {
    let filler = "the quick brown fox jumps over the lazy dog\n";
    let secret = "password = \"Tr0ub4dor&3xQ9\"\n";
    // A document opens or not; a shift stands near; a value stands further
    // down than most things that depend on a change do.
    let tail = format!("flags = 1 << 4\n{}{secret}{}", filler.repeat(32), filler.repeat(60));
    let old = format!("{}sql = query(one)\n{tail}", filler.repeat(60));
    let new = format!("{}sql = <<~SQL_TEXT\n{tail}", filler.repeat(60));
    let judged = |found: &Found, text: &str| -> Vec<(Range<usize>, u32)> {
        let matches = ENGINE.settle(text.as_bytes(), found);
        matches.into_iter().map(|m| (m.span, m.confidence.to_bits())).collect()
    };
    let mut scratch = Scratch::default();
    let base = ENGINE.find(&mut scratch, old.as_bytes(), "a.rb");
    let head = filler.len() * 60;
    let copied = [
        Copied { from: 0, to: 0, len: head },
        Copied { from: old.len() - tail.len(), to: new.len() - tail.len(), len: tail.len() },
    ];
    let carried =
        ENGINE.find_changed(&mut scratch, new.as_bytes(), "a.rb", (old.as_bytes(), &base), &copied);
    let whole = ENGINE.find(&mut scratch, new.as_bytes(), "a.rb");
    assert_ne!(judged(&base, &old), judged(&whole, &new), "the document should matter");
    assert_eq!(judged(&carried, &new), judged(&whole, &new));
}
