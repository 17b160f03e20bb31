//! `stanch why`: what every detector thought of one line.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use stanch_scan::{Engine, Finding, Location, Origin, Scanner, Scratch, Trace, printable};

use crate::args::WhyArgs;
use crate::exit::Exit;
use crate::find::Place;
use crate::pack;
use crate::policy::{self, Policy};
use crate::report::human::wrapped;
use crate::report::style::{FAINT, GOOD, STRONG};
use crate::report::{self, confidence, place};
use crate::scan::DEFAULT_CONFIDENCE;

/// The largest file that is explained, in bytes: it is held in memory whole.
const LARGEST: u64 = 256 << 20;

/// How the engine begins its reason when a word of the provider is missing.
const WANTS_A_WORD: &str = "none of the words ";

/// Runs the command.
pub(crate) fn run(args: &WhyArgs) -> anyhow::Result<Exit> {
    let Place { path, line: Some(line) } = Place::of(&args.place) else {
        bail!(
            "{} names no line; write it as FILE:LINE, such as src/app.env:12",
            shown(&args.place)
        );
    };
    let text = read(&path)?;
    let bytes = line_range(&text, line).with_context(|| {
        let lines = text.split(|b| *b == b'\n').count();
        format!("{} has no line {line}; it has {lines}", shown(&path))
    })?;

    let key = policy::key::load()?;
    let policy = Policy::load(args.config.as_deref(), std::slice::from_ref(&path), None, &key)?;
    let settings = policy.settings();
    let dirs: Vec<PathBuf> = args.detectors.iter().chain(&settings.detectors).cloned().collect();
    let engine = Engine::new(pack::load(&dirs, &settings.only)?);
    let mut scratch = Scratch::default();
    scratch.traces = Some(Vec::new());
    let scanner = Scanner { engine: &engine, key: &key };
    let outcome = scanner.blob(&mut scratch, &Origin::File(path.clone()), &text);
    let touches = |from: u64, to: u64| {
        from < (bytes.end as u64).max(bytes.start as u64 + 1) && to > bytes.start as u64
    };
    let findings: Vec<&Finding> = outcome
        .findings
        .iter()
        .filter(|f| {
            let rule = engine.pack().get(&f.detector);
            let own = f
                .parts
                .iter()
                .filter(|part| rule.is_some_and(|rule| rule.parts.contains_key(&part.name)));
            let mut places = std::iter::once(&f.location).chain(own.map(|part| &part.location));
            places.any(|place| touches(place.bytes.start, place.bytes.end))
        })
        .collect();
    let mut traces: Vec<Trace> = scratch.traces.unwrap_or_default();
    traces.retain(|t| touches(t.span.start as u64, t.span.end as u64));
    traces.sort_by_key(|t| (t.span.start, t.span.end, t.rule));
    traces.dedup_by(|a, b| a.rule == b.rule && a.span == b.span && a.reason == b.reason);

    let about = About {
        engine: &engine,
        policy: &policy,
        least: settings.min_confidence.unwrap_or(DEFAULT_CONFIDENCE),
        line: bytes,
        place: format!("{}:{line}", shown(&path)),
    };
    let mut out = io::BufWriter::new(anstream::stdout());
    about.tell(&mut out, &findings, &traces)?;
    if outcome.limits.any() {
        writeln!(out, "A limit was reached in this file, so it was not scanned wholly.")?;
    }
    out.flush()?;
    Ok(Exit::Clean)
}

struct About<'a> {
    engine: &'a Engine,
    policy: &'a Policy,
    least: f32,
    line: Range<usize>,
    place: String,
}

impl About<'_> {
    fn tell(&self, out: &mut dyn Write, findings: &[&Finding], traces: &[Trace]) -> io::Result<()> {
        if findings.is_empty() && traces.is_empty() {
            return self.nothing(out);
        }
        let looked: std::collections::BTreeSet<&str> =
            traces.iter().map(|t| self.engine.rule(t.rule).id.as_str()).collect();
        writeln!(
            out,
            "{STRONG}{}{STRONG:#}: {} looked at this line.\n",
            self.place,
            report::count(looked.len() as u64, "detector", "detectors")
        )?;
        for finding in findings {
            self.finding(out, finding)?;
        }
        // Where the detectors that want a word nearby are many, they are told in one breath.
        let (wanting, others): (Vec<&Trace>, Vec<&Trace>) =
            traces.iter().partition(|t| !t.accepted && t.reason.starts_with(WANTS_A_WORD));
        for trace in others {
            self.trace(out, trace, findings)?;
        }
        let mut places: Vec<(usize, Vec<&str>)> = Vec::new();
        for trace in wanting {
            let id = self.engine.rule(trace.rule).id.as_str();
            match places.last_mut() {
                Some((start, ids)) if *start == trace.span.start => ids.push(id),
                _ => places.push((trace.span.start, vec![id])),
            }
        }
        for (start, ids) in places {
            let label = format!(
                "{}  has the shape of, but no word of the provider near: ",
                self.column(start)
            );
            wrapped(out, &label, &ids.join(", "))?;
        }
        Ok(())
    }

    fn column(&self, at: usize) -> String {
        match at.checked_sub(self.line.start) {
            Some(column) => format!("column {}", column + 1),
            None => "from a line above".to_owned(),
        }
    }

    fn nothing(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{STRONG}{}{STRONG:#}: no detector looked at this line.\n", self.place)?;
        writeln!(
            out,
            "Detectors look at\n  \
             - words that begin with a known mark, such as ghp_ or AKIA\n  \
             - words of 20 and more letters, digits and - _ . + / = that have the length and\n    \
             the characters of a known type, near its provider's name\n  \
             - values given to names such as password, secret, token or api_key\n  \
             - URLs and connection strings that carry a password\n  \
             - private keys and key stores\n  \
             - any of these encoded in base64, hex, percent or \\u escapes, HTML entities,\n    \
             UTF-16 or joined strings\n\n\
             `stanch detectors list` names all {} detectors.",
            self.engine.pack().rules.len()
        )
    }

    fn finding(&self, out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
        let ignored =
            finding.ignored_by.map(|marker| format!("the comment `{marker}`")).or_else(|| {
                self.policy.ignored(finding).map(|ignored| match ignored.reason {
                    Some(reason) => format!("{} ({reason})", ignored.by),
                    None => ignored.by,
                })
            });
        let (verdict, style) = match &ignored {
            Some(by) => (format!("found, but ignored by {}", printable(by)), FAINT),
            None if finding.confidence < self.least => (
                format!(
                    "found, but not reported: its confidence {:.2} is below {:.2}",
                    finding.confidence, self.least
                ),
                FAINT,
            ),
            None => ("reported".to_owned(), GOOD),
        };
        writeln!(
            out,
            "{STRONG}{}{STRONG:#}  {} {FAINT}({}){FAINT:#}  {style}{verdict}{style:#}",
            place(finding),
            printable(&finding.name),
            finding.detector
        )?;
        writeln!(out, "    {}", finding.excerpt)?;
        let level = confidence(finding.confidence);
        wrapped(out, "confidence: ", &format!("{level}, {:.2}", finding.confidence))?;
        for (name, text) in report::evidence(finding) {
            wrapped(out, &format!("{name}: "), &text)?;
        }
        if !finding.encodings.is_empty() {
            wrapped(out, "decoded from: ", &finding.encodings.join(", then "))?;
        }
        for fact in &finding.facts {
            wrapped(out, &format!("{}: ", fact.name), &fact.value)?;
        }
        writeln!(out, "    {FAINT}fingerprint: {}{FAINT:#}\n", finding.fingerprint)
    }

    fn trace(&self, out: &mut dyn Write, trace: &Trace, findings: &[&Finding]) -> io::Result<()> {
        let id = &self.engine.rule(trace.rule).id;
        let overlaps = |at: &Location| {
            at.bytes.start < trace.span.end as u64 && at.bytes.end > trace.span.start as u64
        };
        let mut over = findings.iter().filter(|f| overlaps(&f.location));
        let whole = findings.iter().find(|f| {
            self.is_part(&f.detector, id) && f.parts.iter().any(|part| overlaps(&part.location))
        });
        let column = self.column(trace.span.start);
        let outcome = if !trace.accepted {
            format!("rejected: {}", trace.reason)
        } else if over.clone().any(|f| f.detector == *id) {
            // Its evidence stands with the finding.
            return Ok(());
        } else if let Some(whole) = whole {
            format!("a part of {}: {}", whole.detector, trace.reason)
        } else {
            match over.next() {
                Some(winner) if self.is_part(&winner.detector, id) => {
                    format!("a part of {}: {}", winner.detector, trace.reason)
                }
                Some(winner) => {
                    format!(
                        "{} won over it, being more specific: {}",
                        winner.detector, trace.reason
                    )
                }
                None => format!("accepted, but it gave way to another: {}", trace.reason),
            }
        };
        wrapped(out, &format!("{column}  {id}  "), &outcome)
    }

    fn is_part(&self, composite: &str, id: &str) -> bool {
        let rule = self.engine.pack().get(composite);
        rule.is_some_and(|rule| rule.parts.values().any(|part| part == id))
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    let file = File::open(path).with_context(|| format!("cannot read {}", shown(path)))?;
    let read = file.take(LARGEST + 1).read_to_end(&mut text);
    read.with_context(|| format!("cannot read {}", shown(path)))?;
    if text.len() as u64 > LARGEST {
        bail!(
            "{} is larger than {}, which is the most that can be explained",
            shown(path),
            report::size(LARGEST)
        );
    }
    Ok(text)
}

/// The bytes of a line, counted from 1, without its end.
fn line_range(text: &[u8], line: u64) -> Option<Range<usize>> {
    let mut start = 0;
    for (number, bytes) in (1..).zip(text.split(|b| *b == b'\n')) {
        let end = start + bytes.len();
        if number == line {
            return Some(start..end);
        }
        start = end + 1;
    }
    None
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_from_one() {
        assert_eq!(line_range(b"ab\ncd", 2), Some(3..5));
        assert_eq!(line_range(b"ab\n", 2), Some(3..3));
        assert_eq!(line_range(b"ab", 0), None);
        assert_eq!(line_range(b"ab", 2), None);
    }
}
