//! What the engine makes of labelled lines and of passwords as people make
//! them, as a page with a picture.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use stanch_scan::{Engine, Finding, FingerprintKey, Origin, Scanner, Scratch};

use crate::corpus::{self, Label};
use crate::human::{self, Setting, Share};
use crate::score::Counts;
use crate::{Result, SEED};

/// Categories of labels that are no secrets by themselves.
const NO_CORE: &[&str] = &[
    "UUID",
    "Nonce",
    "Salt",
    "AWS S3 Bucket",
    "Firebase Domain",
    "Tencent WeChat API App ID",
    "Google OAuth Client ID",
    "Info",
];

/// Confidences by their names, each with the least that has it.
const LEVELS: &[(&str, f32)] = &[("low", 0.2), ("medium", 0.5), ("high", 0.8)];

/// Groups of probabilities in the picture.
const BINS: usize = 10;

/// Measures and writes.
pub(crate) fn write(corpus: &Path, report: &Path, picture: &Path) -> Result<()> {
    let bench =
        Bench { engine: Engine::new(stanch_detectors::pack()), key: FingerprintKey::new(&[7; 32]) };
    let labels = corpus::labels(corpus)?;
    let found = bench.corpus(corpus, &labels)?;
    let mut out = String::from(
        "# How good generic detection is\n\n\
         `cargo xtask train` fits the model and writes this page.\n\
         The model is a logistic regression over features that have names: `stanch why FILE:LINE` shows those that \
         decided. Its weights are `crates/scan/src/generic/model/weights.rs`, a few kilobytes of source.\n\n\
         ## Labelled lines of public repositories\n\n\
         Real files whose lines people labelled; the values are replaced by random ones of the same shape. \
         Repositories are either fitted to or held out, never both. A labelled secret is found when a finding of any \
         detector lies on its lines; a finding on lines that hold no secret is wrong. Core labels leave out UUIDs, \
         nonces, salts, bucket names and ids.\n\n\
         | repositories | labels | least confidence | precision | recall | F1 |\n|---|---|--:|--:|--:|--:|\n",
    );
    for (name, held_out) in [("held out", Some(true)), ("all", None)] {
        for core in [true, false] {
            for (level, least) in LEVELS {
                let counts = by_line(&labels, &found, held_out, core, *least);
                writeln!(
                    out,
                    "| {name} | {} ({}) | {level} ({least}) | {:.3} | {:.3} | {:.3} |",
                    if core { "core" } else { "all" },
                    counts.found + counts.missed,
                    counts.precision(),
                    counts.recall(),
                    counts.f1()
                )?;
            }
        }
    }
    let settings = human::settings(SEED, Share::Measurement);
    let invented = bench.settings(&settings);
    out.push_str(
        "\nA finding is reported from medium confidence on, if nothing else is asked for. What `low` finds beyond that \
         is right about as often as its probability says.\n\n\
         ## Passwords as people make them\n\n\
         Lines of 27 kinds of files with passwords as people make them (a word, a year, a sign), and as many with \
         names, prose and expressions in the same places. Neither words nor values were in the training.\n\n\
         | least confidence | passwords | look-alikes | precision | recall |\n|---|--:|--:|--:|--:|\n",
    );
    for (level, least) in LEVELS {
        let counts = Counts::at(f64::from(*least), &invented);
        let passwords = invented.iter().filter(|(_, truth)| *truth).count();
        writeln!(
            out,
            "| {level} ({least}) | {} | {} | {:.3} | {:.3} |",
            passwords,
            invented.len() - passwords,
            counts.precision(),
            counts.recall()
        )?;
    }
    let held: HashSet<&str> = labels
        .iter()
        .filter(|label| corpus::is_held_out(&label.repo))
        .map(|label| label.repo.as_str())
        .collect();
    let repos: HashSet<&str> = labels.iter().map(|label| label.repo.as_str()).collect();
    let examples = corpus::labelled(corpus)?;
    let scored: Vec<(f64, bool)> = examples
        .iter()
        .filter(|example| example.held_out)
        .map(|example| (f64::from(stanch_scan::generic::weigh(&example.features)), example.truth))
        .collect();
    let bins = bins(&scored);
    write!(
        out,
        "\n## Calibration\n\n\
         Of the assignments in held-out repositories that the model gives a probability to, how many are secrets:\n\n\
         ![Share of secrets by probability](calibration.svg)\n\n\
         | probability | assignments | mean probability | secrets |\n|---|--:|--:|--:|\n"
    )?;
    for (at, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.count > 0) {
        let low = at as f64 / BINS as f64;
        writeln!(
            out,
            "| {low:.1} to {:.1} | {} | {:.2} | {:.2} |",
            low + 1.0 / BINS as f64,
            bin.count,
            bin.mean(),
            bin.share()
        )?;
    }
    let brier: f64 =
        scored.iter().map(|(p, truth)| (p - if *truth { 1.0 } else { 0.0 }).powi(2)).sum::<f64>()
            / scored.len().max(1) as f64;
    writeln!(
        out,
        "\nBrier score {brier:.3}. {} of {} repositories are held out. The labelled values are random where the real \
         ones were made by people, so that any test for randomness looks better here than in life; the passwords \
         above are there for that reason.",
        held.len(),
        repos.len()
    )?;
    fs::write(report, out)?;
    fs::write(picture, svg(&bins))?;
    println!("written: {}, {}", report.display(), picture.display());
    Ok(())
}

struct Bench {
    engine: Engine,
    key: FingerprintKey,
}

impl Bench {
    fn scan(&self, path: &str, text: &[u8]) -> Vec<Finding> {
        let scanner = Scanner { engine: &self.engine, key: &self.key };
        let origin = Origin::File(PathBuf::from(path));
        scanner.blob(&mut Scratch::default(), &origin, text).findings
    }

    fn corpus(&self, corpus: &Path, labels: &[Label]) -> Result<HashMap<String, Vec<Finding>>> {
        let paths: BTreeSet<&str> = labels.iter().map(|label| label.path.as_str()).collect();
        let scan = |path: &str| -> Result<(String, Vec<Finding>)> {
            Ok((path.to_owned(), self.scan(path, &fs::read(corpus.join(path))?)))
        };
        paths.into_iter().map(scan).collect()
    }

    /// The greatest confidence of what is found in each setting.
    fn settings(&self, settings: &[Setting]) -> Vec<(f64, bool)> {
        let most = |setting: &Setting| {
            let found = self.scan(setting.path, setting.text.as_bytes());
            found.iter().map(|finding| f64::from(finding.confidence)).fold(0.0, f64::max)
        };
        settings.iter().map(|setting| (most(setting), setting.truth)).collect()
    }
}

fn by_line(
    labels: &[Label],
    found: &HashMap<String, Vec<Finding>>,
    held_out: Option<bool>,
    core: bool,
    least: f32,
) -> Counts {
    let mut counts = Counts::default();
    let mut lines: HashMap<(&str, usize), Vec<char>> = HashMap::new();
    let of = |label: &&Label| held_out.is_none_or(|held| corpus::is_held_out(&label.repo) == held);
    for label in labels.iter().filter(of) {
        for line in label.line_start..=label.line_end {
            lines.entry((&label.path, line)).or_default().push(label.truth);
        }
        let is_core = label.category.split(':').any(|category| !NO_CORE.contains(&category));
        if label.truth != 'T' || (core && !is_core) {
            continue;
        }
        let hit = found.get(&label.path).into_iter().flatten().any(|finding| {
            finding.confidence >= least
                && finding.location.line as usize <= label.line_end
                && finding.location.end_line as usize >= label.line_start
        });
        if hit { counts.found += 1 } else { counts.missed += 1 }
    }
    for (path, findings) in found {
        for finding in findings.iter().filter(|finding| finding.confidence >= least) {
            let (from, to) = (finding.location.line as usize, finding.location.end_line as usize);
            let here: Vec<char> = (from..=to)
                .filter_map(|line| lines.get(&(path.as_str(), line)))
                .flatten()
                .copied()
                .collect();
            counts.wrong += usize::from(!here.is_empty() && here.iter().all(|truth| *truth == 'F'));
        }
    }
    counts
}

#[derive(Default, Clone)]
struct Bin {
    count: usize,
    secrets: usize,
    sum: f64,
}

impl Bin {
    fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }

    fn share(&self) -> f64 {
        self.secrets as f64 / self.count.max(1) as f64
    }
}

fn bins(scored: &[(f64, bool)]) -> Vec<Bin> {
    let mut bins = vec![Bin::default(); BINS];
    for (probability, truth) in scored {
        let at = ((probability * BINS as f64) as usize).min(BINS - 1);
        bins[at].count += 1;
        bins[at].secrets += usize::from(*truth);
        bins[at].sum += probability;
    }
    bins
}

/// Share of secrets over mean probability; the size of a point tells how many
/// assignments it stands for.
fn svg(bins: &[Bin]) -> String {
    let (left, top, side) = (60.0, 20.0, 360.0);
    let x = |value: f64| left + value * side;
    let y = |value: f64| top + side - value * side;
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 460 440\" width=\"460\" height=\"440\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"460\" height=\"440\" fill=\"#ffffff\"/>\n",
    );
    for step in 0..=5 {
        let value = f64::from(step) / 5.0;
        let (at, up) = (x(value), y(value));
        out.push_str(&format!(
            "<path d=\"M{left} {up:.0}H{:.0}M{at:.0} {top}V{:.0}\" stroke=\"#dddddd\"/>\n\
             <text x=\"{at:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{value:.1}</text>\n\
             <text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{value:.1}</text>\n",
            left + side,
            top + side,
            top + side + 18.0,
            left - 8.0,
            up + 4.0
        ));
    }
    out.push_str(&format!(
        "<path d=\"M{left} {:.0}L{:.0} {top}\" stroke=\"#999999\" stroke-dasharray=\"4 4\"/>\n",
        top + side,
        left + side
    ));
    let points: Vec<(f64, f64, f64)> = bins
        .iter()
        .filter(|bin| bin.count > 0)
        .map(|bin| (x(bin.mean()), y(bin.share()), (bin.count as f64).sqrt().clamp(3.0, 14.0)))
        .collect();
    let line: Vec<String> = points.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
    out.push_str(&format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#1f5fbf\" stroke-width=\"2\"/>\n",
        line.join(" ")
    ));
    for (x, y, radius) in points {
        out.push_str(&format!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"#1f5fbf\" fill-opacity=\"0.6\"/>\n"
        ));
    }
    out.push_str(
        "<text x=\"240\" y=\"428\" text-anchor=\"middle\">probability by the model</text>\n\
         <text transform=\"translate(16 200) rotate(-90)\" text-anchor=\"middle\">share of secrets</text>\n</svg>\n",
    );
    out
}
