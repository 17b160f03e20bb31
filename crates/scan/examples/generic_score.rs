//! Measures generic detection.
//!
//! `generic_score score DIR` reads `labels.jsonl` and `data/` in DIR and prints recall, precision
//! and F1 at several thresholds. `generic_score source DIR` runs over a source tree and prints
//! what would be found at 0.5, and the speed. `generic_score dump DIR` prints features, one
//! assignment per line, for fitting; with labels if there are any.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example reports to the terminal"
)]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Deserialize;
use stanch_scan::generic::{Assignment, Place, ROOTS, assignment, features, judge};

/// Repositories of the labelled corpus that no weight was fitted on.
const HELD_OUT: [&str; 7] =
    ["0436af4a", "31423103", "472d4c24", "533c47c6", "6aae1316", "7f0408de", "48fd3902"];
const GENERIC: [&str; 9] = [
    "Password",
    "Token",
    "Key",
    "Secret",
    "API",
    "Credential",
    "Auth",
    "CMD Password",
    "CMD Secret",
];
/// Categories that have detectors of their own.
const SPECIFIC: [&str; 7] = [
    "AWS Client ID",
    "JSON Web Token",
    "NKEY Seed",
    "JWK",
    "PEM Private Key",
    "URL Credentials",
    "UUID",
];

#[derive(Deserialize)]
struct Label {
    repo: String,
    path: String,
    line_start: usize,
    line_end: usize,
    truth: String,
    category: String,
}

fn main() {
    let mut args = std::env::args().skip(1);
    let (mode, dir) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    let dir = PathBuf::from(dir);
    match mode.as_str() {
        "score" => score(&dir, args.next().is_some()),
        "source" => source(&dir),
        "dump" => dump(&dir),
        _ => eprintln!("generic_score score|source|dump DIR"),
    }
}

/// Positions of all roots, as a plain search finds them.
fn hits(text: &[u8]) -> Vec<usize> {
    let mut first = [false; 256];
    for root in ROOTS {
        let byte = root.as_bytes()[0];
        first[usize::from(byte)] = true;
        first[usize::from(byte.to_ascii_uppercase())] = true;
    }
    (0..text.len())
        .filter(|&at| {
            first[usize::from(text[at])]
                && ROOTS.iter().any(|root| {
                    text[at..]
                        .get(..root.len())
                        .is_some_and(|start| start.eq_ignore_ascii_case(root.as_bytes()))
                })
        })
        .collect()
}

fn assignments(text: &[u8]) -> Vec<Assignment> {
    hits(text).into_iter().filter_map(|hit| assignment(text, hit)).collect()
}

fn line_of(text: &[u8], at: usize) -> usize {
    text[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

fn labels(dir: &Path) -> Vec<Label> {
    let text = fs::read_to_string(dir.join("labels.jsonl")).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn is_generic(label: &Label) -> bool {
    let mut parts = label.category.split(':');
    parts.clone().any(|part| GENERIC.contains(&part)) && !parts.any(|part| SPECIFIC.contains(&part))
}

#[derive(Default, Clone, Copy)]
struct Tally {
    labels: usize,
    found: usize,
    wrong: usize,
    undecided: usize,
    unlabelled: usize,
}

fn score(dir: &Path, verbose: bool) {
    let labels = labels(dir);
    let mut by_path: BTreeMap<&str, Vec<&Label>> = BTreeMap::new();
    for label in &labels {
        by_path.entry(&label.path).or_default().push(label);
    }
    const THRESHOLDS: [f32; 5] = [0.3, 0.5, 0.6, 0.7, 0.9];
    let mut tallies = HashMap::<(bool, usize), Tally>::new();
    for (path, labels) in by_path {
        let Ok(text) = fs::read(dir.join(path)) else { continue };
        let shown = path.trim_start_matches("data/");
        let judged: Vec<(usize, f32, Assignment)> = assignments(&text)
            .into_iter()
            .map(|a| {
                (line_of(&text, a.value.start), judge(&text, &a, &Place::of(shown)).probability, a)
            })
            .collect();
        let held_out = labels.first().is_some_and(|label| HELD_OUT.contains(&&*label.repo));
        for (which, threshold) in THRESHOLDS.iter().enumerate() {
            let tally = tallies.entry((held_out, which)).or_default();
            let mut lines: Vec<usize> =
                judged.iter().filter(|j| j.1 >= *threshold).map(|j| j.0).collect();
            lines.dedup();
            for label in labels.iter().filter(|l| l.truth == "T" && is_generic(l)) {
                tally.labels += 1;
                let found =
                    lines.iter().any(|line| (label.line_start..=label.line_end).contains(line));
                tally.found += usize::from(found);
                if verbose && !found && which == 1 {
                    let line = text.split(|b| *b == b'\n').nth(label.line_start - 1);
                    let line = String::from_utf8_lossy(line.unwrap_or_default());
                    let p = judged.iter().filter(|j| j.0 == label.line_start).map(|j| j.1);
                    println!(
                        "MISS\t{held_out}\t{:?}\t{shown}:{}\t{}\t{}",
                        p.collect::<Vec<_>>(),
                        label.line_start,
                        label.category,
                        line.trim().chars().take(160).collect::<String>()
                    );
                }
            }
            for line in lines {
                let here = |truth: &str| {
                    labels
                        .iter()
                        .any(|l| l.truth == truth && (l.line_start..=l.line_end).contains(&line))
                };
                if here("T") {
                } else if here("X") {
                    tally.undecided += 1;
                } else if here("F") {
                    tally.wrong += 1;
                    if verbose && which == 1 {
                        show("FALSE", &text, &judged, line, shown, held_out);
                    }
                } else {
                    tally.unlabelled += 1;
                    if verbose && which == 1 {
                        show("OTHER", &text, &judged, line, shown, held_out);
                    }
                }
            }
        }
    }
    for held_out in [false, true] {
        println!("{}", if held_out { "held out" } else { "fitted on" });
        for (which, threshold) in THRESHOLDS.iter().enumerate() {
            let t = tallies.get(&(held_out, which)).copied().unwrap_or_default();
            let recall = t.found as f32 / t.labels.max(1) as f32;
            let precision = t.found as f32 / (t.found + t.wrong).max(1) as f32;
            println!(
                "  at {threshold}: recall {recall:.3} ({} of {}) precision {precision:.3} ({} false) F1 {:.3}, undecided {}, unlabelled {}",
                t.found,
                t.labels,
                t.wrong,
                2.0 * recall * precision / (recall + precision).max(1e-6),
                t.undecided,
                t.unlabelled
            );
        }
    }
}

fn show(
    what: &str,
    text: &[u8],
    judged: &[(usize, f32, Assignment)],
    line: usize,
    path: &str,
    held_out: bool,
) {
    for (_, p, a) in judged.iter().filter(|j| j.0 == line && j.1 >= 0.5) {
        println!(
            "{what}\t{held_out}\t{p:.2}\t{path}:{line}\t{}={}\t{:?}",
            String::from_utf8_lossy(&text[a.name.clone()]),
            String::from_utf8_lossy(&text[a.value.clone()]),
            a.form
        );
    }
}

fn source(dir: &Path) {
    let mut paths = Vec::new();
    files(dir, &mut paths);
    let mut texts = Vec::new();
    for path in paths {
        let Ok(text) = fs::read(&path) else { continue };
        if text.iter().take(8000).all(|byte| *byte != 0) {
            let hits = hits(&text);
            texts.push((path, text, hits));
        }
    }
    // The engine has just read the text when it calls, so every text is warmed up first.
    const ROUNDS: u32 = 10;
    let mut time = 0.0;
    let mut found_at = Vec::new();
    for (_, text, hits) in &texts {
        let assignments: Vec<Assignment> =
            hits.iter().filter_map(|hit| assignment(text, *hit)).collect();
        let start = Instant::now();
        for _ in 0..ROUNDS {
            for hit in hits {
                std::hint::black_box(assignment(text, *hit));
            }
        }
        time += start.elapsed().as_secs_f64() / f64::from(ROUNDS);
        found_at.push(assignments);
    }
    let (mut bytes, mut lines, mut count, mut some, mut found) = (0, 0, 0, 0, 0);
    let mut judging = 0.0;
    for ((path, text, hits), assignments) in texts.iter().zip(found_at) {
        bytes += text.len();
        lines += text.iter().filter(|byte| **byte == b'\n').count();
        count += hits.len();
        some += assignments.len();
        let start = Instant::now();
        let shown = path.to_string_lossy();
        for a in assignments {
            let judgement = judge(text, &a, &Place::of(&shown));
            if judgement.probability >= 0.5 {
                found += 1;
                println!(
                    "{:.2}\t{shown}:{}\t{}={}\t{:?}\t{:?}",
                    judgement.probability,
                    line_of(text, a.value.start),
                    String::from_utf8_lossy(&text[a.name.clone()]),
                    String::from_utf8_lossy(&text[a.value.clone()]),
                    a.form,
                    judgement.reasons
                );
            }
        }
        judging += start.elapsed().as_secs_f64();
    }
    println!(
        "{lines} lines, {:.1} MB, {:.0} hits per MB, {:.1} ns per hit; {some} assignments, {:.0} ns each to judge; {found} found, one per {} lines",
        bytes as f64 / 1e6,
        count as f64 / (bytes as f64 / 1e6),
        time * 1e9 / f64::from(count.max(1) as u32),
        judging * 1e9 / f64::from(some.max(1) as u32),
        lines / found.max(1)
    );
}

fn dump(dir: &Path) {
    let labels = labels(dir);
    let mut truth = HashMap::<(String, usize), &str>::new();
    for label in &labels {
        for line in label.line_start..=label.line_end {
            let entry = truth.entry((label.path.clone(), line)).or_insert("F");
            if label.truth == "T" || (label.truth == "X" && *entry == "F") {
                *entry = &label.truth;
            }
        }
    }
    let mut paths = Vec::new();
    files(dir, &mut paths);
    for path in paths {
        let Ok(text) = fs::read(&path) else { continue };
        let shown = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().into_owned();
        for a in assignments(&text) {
            let line = line_of(&text, a.value.start);
            let Ok(features) = features(&text, &a, &Place::of(shown.trim_start_matches("data/")))
            else {
                continue;
            };
            let label = if shown.ends_with("labels.jsonl") {
                continue;
            } else {
                truth.get(&(shown.clone(), line)).copied().unwrap_or("U")
            };
            let features: Vec<String> = features.iter().map(|f| format!("{f:.3}")).collect();
            println!(
                "{label}\t{shown}:{line}\t{}={}\t{}",
                String::from_utf8_lossy(&text[a.name.clone()]),
                String::from_utf8_lossy(&text[a.value.clone()]).replace(['\t', '\r'], " "),
                features.join(" ")
            );
        }
    }
}
