//! One named test for every `matches` and `rejects` of every detector, through
//! the whole engine: `cargo test -p stanch-detectors github` runs GitHub's.
#![expect(clippy::expect_used, reason = "a failure here is a failed test")]

use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use stanch_rules::schema::Detector;
use stanch_rules::{load, sample};
use stanch_scan::{Context, Engine, Match, Scratch};

/// Confidence below which a match is not reported by default.
const DEFAULT_CONFIDENCE: f32 = 0.5;

struct World {
    engine: Engine,
    detectors: Vec<(String, Detector)>,
}

fn main() {
    let args = Arguments::from_args();
    let detectors = stanch_detectors::FILES
        .iter()
        .flat_map(|(name, text)| {
            let source = load::parse(name, text).expect("the build has read it");
            let provider = source.content.provider.id;
            source.content.detectors.into_iter().map(move |d| (provider.clone(), d))
        })
        .collect();
    let world = Arc::new(World { engine: Engine::new(stanch_detectors::pack()), detectors });
    let mut trials = Vec::new();
    for (at, (provider, detector)) in world.detectors.iter().enumerate() {
        for nr in 0..detector.matches.len() {
            let world = Arc::clone(&world);
            let name = format!("{provider}::{}::matches[{nr}]", detector.id);
            trials.push(Trial::test(name, move || world.finds(at, nr)));
        }
        for nr in 0..detector.rejects.len() {
            let world = Arc::clone(&world);
            let name = format!("{provider}::{}::rejects[{nr}]", detector.id);
            trials.push(Trial::test(name, move || world.rejects(at, nr)));
        }
    }
    let after_escape = Arc::clone(&world);
    trials.push(Trial::test("a_token_after_an_escape_is_found_at_its_place", move || {
        after_escape.finds_after_escape()
    }));
    libtest_mimic::run(&args, trials).exit();
}

impl World {
    fn finds(&self, at: usize, nr: usize) -> Result<(), Failed> {
        let detector = &self.detectors[at].1;
        for seed in 0..5 {
            let text = self.text(detector, &detector.matches[nr], seed);
            let found = self.scan(&text);
            if !found.iter().any(|m| self.engine.rule(m.rule).id == detector.id) {
                let others: Vec<&str> =
                    found.iter().map(|m| self.engine.rule(m.rule).id.as_str()).collect();
                return Err(format!(
                    "seed {seed}: not found; found instead: {others:?}\n{}",
                    self.why(&text)
                )
                .into());
            }
        }
        Ok(())
    }

    fn finds_after_escape(&self) -> Result<(), Failed> {
        for (_, detector) in &self.detectors {
            let Some(sample) = sample::sample(detector, 1) else { continue };
            // Whatever the detector, a text behind an escape must not break the engine.
            let text = format!(r#"print("line\n{}")"#, sample.text);
            let found = self.scan(&text);
            if detector.id == "github-pat-classic" {
                let place = found.iter().map(|m| m.span.clone()).next();
                if place != Some(13..53) {
                    return Err(format!("found at {place:?}").into());
                }
            }
        }
        Ok(())
    }

    fn rejects(&self, at: usize, nr: usize) -> Result<(), Failed> {
        let detector = &self.detectors[at].1;
        let text = self.text(detector, &detector.rejects[nr], 0);
        let found = self.scan(&text);
        match found.iter().find(|m| {
            self.engine.rule(m.rule).id == detector.id && m.confidence >= DEFAULT_CONFIDENCE
        }) {
            Some(_) => Err(format!("found in `{text}`").into()),
            None => Ok(()),
        }
    }

    fn text(&self, detector: &Detector, template: &str, seed: u64) -> String {
        let own = sample::sample(detector, seed);
        sample::fill(template, own.as_ref(), &|id| {
            let (_, other) = self.detectors.iter().find(|(_, d)| d.id == id)?;
            Some(sample::sample(other, seed)?.group("secret")?.to_owned())
        })
    }

    fn scan(&self, text: &str) -> Vec<Match> {
        let context = Context { path: "src/config.txt", keep: 0..text.len() };
        self.engine.scan(&mut Scratch::default(), text.as_bytes(), &context).0
    }

    fn why(&self, text: &str) -> String {
        let mut scratch = Scratch::default();
        scratch.traces = Some(Vec::new());
        let context = Context { path: "src/config.txt", keep: 0..text.len() };
        self.engine.scan(&mut scratch, text.as_bytes(), &context);
        let lines = scratch.traces.unwrap_or_default().into_iter().map(|t| {
            format!(
                "  {} {} {}",
                if t.accepted { "+" } else { "-" },
                self.engine.rule(t.rule).id,
                t.reason
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}
