//! One named test for every case in `tests/rewrite/`, through the whole engine:
//! made-up secrets are put in, found, replaced, and looked for again.
//!
//! A case is
//!
//! ```text
//! === what it shows
//! path: src/app.py
//! <<<
//! the file, with {detector-id} where a secret stands
//! >>>
//! the file afterwards
//! ```
//!
//! with `refused: words of the reason` above `<<<` where secrets stay, and
//! nothing behind it if all do. More lines above `<<<`: `flags: crlf bom utf16le
//! latin1 open` change how the file is written (`open`: no line break at its
//! end), and `flags: apart` says that fixing place by place ends in another
//! text that does the same; `to: vault` names the manager; `near: text` is another file of the
//! folder, with `\n` for line breaks; `untrack: name` says that the file leaves
//! the repository, and the text behind `>>>` is its example.
//!
//! `STANCH_BLESS=1 cargo test -p stanch-remedy --test rewrite` writes what came
//! out into the files; read it before you keep it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use libtest_mimic::{Arguments, Failed, Trial};
use stanch_remedy::Manager;
use stanch_remedy::rewrite::{File, Names, Options, Place, Rewrite, places, rewrite};
use stanch_rules::schema::Detector;
use stanch_rules::{load, sample};
use stanch_scan::{Engine, Finding, FingerprintKey, Origin, Scanner, Scratch};

/// Confidence below which a match is not reported by default.
const DEFAULT_CONFIDENCE: f32 = 0.5;

struct World {
    engine: Engine,
    detectors: HashMap<String, Detector>,
}

/// A case as it is written.
#[derive(Clone)]
struct Case {
    name: String,
    path: String,
    refused: Option<String>,
    flags: Vec<String>,
    manager: Manager,
    neighbours: Vec<String>,
    untrack: Option<String>,
    input: String,
    output: Option<String>,
}

fn main() {
    let args = Arguments::from_args();
    let detectors = stanch_detectors::FILES.iter().flat_map(|(name, text)| {
        load::parse(name, text).expect("the build has read it").content.detectors
    });
    let world = Arc::new(World {
        engine: Engine::new(stanch_detectors::pack()),
        detectors: detectors.map(|detector| (detector.id.clone(), detector)).collect(),
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rewrite");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut trials = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let cases = read(&text);
        if env::var_os("STANCH_BLESS").is_some() {
            fs::write(&file, world.bless(&text, &cases)).unwrap();
        }
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        for case in cases {
            let world = Arc::clone(&world);
            let name = format!("{stem}::{}", case.name.replace(' ', "_"));
            trials.push(Trial::test(name, move || world.check(&case)));
        }
    }
    libtest_mimic::run(&args, trials).exit();
}

/// The cases of a file.
fn read(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for block in format!("\n{text}").split("\n=== ").skip(1) {
        let (head, body) = block.split_once("\n<<<\n").expect("a case has <<<");
        let mut lines = head.lines();
        let mut case = Case {
            name: lines.next().unwrap().trim().to_owned(),
            path: String::new(),
            refused: None,
            flags: Vec::new(),
            manager: Manager::Env,
            neighbours: Vec::new(),
            untrack: None,
            input: String::new(),
            output: None,
        };
        for line in lines.filter(|line| !line.is_empty()) {
            let (key, value) = line.split_once(": ").expect("a line of a case's head");
            match key {
                "path" => case.path = value.to_owned(),
                "refused" => case.refused = Some(value.to_owned()),
                "flags" => case.flags = value.split(' ').map(str::to_owned).collect(),
                "to" => case.manager = value.parse().expect("a manager"),
                "near" => case.neighbours.push(value.replace("\\n", "\n").replace("\\t", "\t")),
                "untrack" => case.untrack = Some(value.to_owned()),
                _ => unreachable!("{line}"),
            }
        }
        let body = body.strip_suffix('\n').unwrap_or(body);
        match body.split_once(">>>\n").or(body.strip_suffix(">>>").map(|input| (input, ""))) {
            Some((input, output)) => {
                case.input = input.to_owned();
                case.output = Some(format!("{}\n", output.trim_end_matches('\n')));
            }
            None => case.input = format!("{}\n", body.trim_end_matches('\n')),
        }
        cases.push(case);
    }
    cases
}

impl Case {
    /// The other files of its folder.
    fn around(&self) -> Vec<&str> {
        self.neighbours.iter().map(String::as_str).collect()
    }
}

/// What came out of a case.
struct Outcome {
    text: Vec<u8>,
    places: Vec<Place>,
    rewrite: Rewrite,
}

impl World {
    fn check(&self, case: &Case) -> Result<(), Failed> {
        let secrets = self.secrets(&case.input);
        let outcome = self.run(case)?;
        let out = outcome.rewrite.apply(&outcome.text);
        let said = outcome.rewrite.notes.join("\n")
            + &outcome.rewrite.refused.iter().map(|r| r.reason.clone()).collect::<String>();
        for secret in &secrets {
            if said.contains(secret) {
                return Err("a note or a reason has the secret in it".into());
            }
        }
        let reasons: Vec<&str> =
            outcome.rewrite.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
        match &case.refused {
            Some(words) if !reasons.iter().any(|reason| reason.contains(words.as_str())) => {
                return Err(format!("refused for {reasons:?}").into());
            }
            None if !reasons.is_empty() => return Err(format!("refused: {reasons:?}").into()),
            _ => {}
        }
        if let Some(name) = &case.untrack {
            let untrack = outcome.rewrite.untrack.as_ref().ok_or("it stays in the repository")?;
            let expected =
                written(&self.fill(case.output.as_deref().unwrap_or_default()), &case.flags);
            if untrack.example != *name || untrack.text != expected || out != outcome.text {
                return Err(format!("{}:\n{}", untrack.example, shown(&untrack.text)).into());
            }
            return self.clean(case, &untrack.text, &secrets);
        }
        let Some(expected) = &case.output else {
            if out == outcome.text && case.refused.is_some() {
                return Ok(());
            }
            return Err(format!("changed into\n{}", shown(&out)).into());
        };
        let expected = written(&self.fill(expected), &case.flags);
        if out != expected {
            return Err(format!("expected\n{}\ngot\n{}", shown(&expected), shown(&out)).into());
        }
        if case.refused.is_none() {
            self.clean(case, &out, &secrets)?;
            self.one_by_one(case, &outcome, &out)?;
        }
        Ok(())
    }

    /// Fixing one place after the other ends where fixing all of them at once
    /// does, unless the case says that it ends `apart`. Where each place is
    /// fixed by a run of its own, two secrets never share a name.
    fn one_by_one(&self, case: &Case, outcome: &Outcome, expected: &[u8]) -> Result<(), Failed> {
        let mut together = Names::default();
        let mut text = outcome.text.clone();
        while let Some(step) = self.step(case, &text, &mut together)? {
            text = step.apply(&text);
        }
        if (text == expected) == case.flags.iter().any(|flag| flag == "apart") {
            return Err(format!("one by one it becomes\n{}", shown(&text)).into());
        }
        let mut text = outcome.text.clone();
        let mut given: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        while let Some(step) = self.step(case, &text, &mut Names::default())? {
            for change in &step.changes {
                let value = change.value.expose().to_vec();
                let name = change.reference.variable.clone();
                if given.insert(name, value.clone()).is_some_and(|other| other != value) {
                    return Err(format!("two secrets have one name in\n{}", shown(&text)).into());
                }
            }
            text = step.apply(&text);
        }
        Ok(())
    }

    /// What fixing the first place of a text changes; none where nothing is left.
    fn step(&self, case: &Case, text: &[u8], names: &mut Names) -> Result<Option<Rewrite>, Failed> {
        let Some(first) = self.places(case, text).into_iter().next() else { return Ok(None) };
        let file = File { path: Path::new(&case.path), text, neighbours: &case.around() };
        let step = rewrite(&file, &[first], names, &Options::to(case.manager));
        if step.apply(text) == text {
            return Err(format!("stuck one by one at\n{}", shown(text)).into());
        }
        Ok(Some(step))
    }

    /// Nothing is found any more, so that a second run changes nothing.
    fn clean(&self, case: &Case, text: &[u8], secrets: &[String]) -> Result<(), Failed> {
        let left: Vec<String> =
            self.scan(case, text).iter().map(|f| format!("{} {}", f.detector, f.excerpt)).collect();
        if !left.is_empty() {
            return Err(format!("still found: {left:?}").into());
        }
        let plain = String::from_utf8_lossy(text).replace('\0', "");
        if secrets.iter().any(|secret| secret.len() > 8 && plain.contains(secret.as_str())) {
            return Err("the secret is still there".into());
        }
        let again = Case { neighbours: case.neighbours.clone(), ..case.clone() };
        let file = File { path: Path::new(&again.path), text, neighbours: &again.around() };
        let options = Options::to(case.manager);
        let second = rewrite(&file, &[], &mut Names::default(), &options);
        if second.apply(text) != text {
            return Err("a second run changes it again".into());
        }
        Ok(())
    }

    fn run(&self, case: &Case) -> Result<Outcome, Failed> {
        let text = written(&self.fill(&case.input), &case.flags);
        let found = self.places(case, &text);
        if found.is_empty() {
            return Err("nothing is found in the input".into());
        }
        let file = File { path: Path::new(&case.path), text: &text, neighbours: &case.around() };
        let options = Options::to(case.manager);
        let rewrite = rewrite(&file, &found, &mut Names::default(), &options);
        let told = rewrite.changes.len() + rewrite.refused.len();
        if told != found.len() {
            return Err(format!("{} places, but {told} outcomes", found.len()).into());
        }
        Ok(Outcome { text, places: found, rewrite })
    }

    /// What is found in a text, each place once.
    fn places(&self, case: &Case, text: &[u8]) -> Vec<Place> {
        let detector = |id: &str| self.detectors.get(id);
        let mut found: Vec<Place> = Vec::new();
        for place in self.scan(case, text).iter().flat_map(|finding| places(finding, &detector)) {
            if !found.iter().any(|known| known.bytes == place.bytes) {
                found.push(place);
            }
        }
        found
    }

    fn scan(&self, case: &Case, text: &[u8]) -> Vec<Finding> {
        let key = FingerprintKey::new(&[7; 32]);
        let scanner = Scanner { engine: &self.engine, key: &key };
        let origin = Origin::File(PathBuf::from(&case.path));
        let outcome = scanner.blob(&mut Scratch::default(), &origin, text);
        outcome.findings.into_iter().filter(|f| f.confidence >= DEFAULT_CONFIDENCE).collect()
    }

    /// A text with made-up values for `{detector-id}` and `{detector-id:seed}`.
    fn fill(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, tail) = rest.split_at(at);
            out.push_str(before);
            let name = tail[1..].split('}').next().unwrap_or_default();
            match self.value(name) {
                Some(value) => {
                    out.push_str(&value);
                    rest = &tail[name.len() + 2..];
                }
                None => {
                    out.push('{');
                    rest = &tail[1..];
                }
            }
        }
        out + rest
    }

    fn value(&self, name: &str) -> Option<String> {
        let (id, seed) = name.split_once(':').unwrap_or((name, "1"));
        let made = sample::sample(self.detectors.get(id)?, seed.parse().ok()?)?;
        Some(made.group("secret")?.trim_end_matches('\n').to_owned())
    }

    /// The values that a text is filled with.
    fn secrets(&self, text: &str) -> Vec<String> {
        let names = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        names.filter_map(|name| self.value(name)).collect()
    }

    /// The file with what came out of each case.
    fn bless(&self, text: &str, cases: &[Case]) -> String {
        let mut out = text.split("=== ").next().unwrap_or_default().to_owned();
        for case in cases {
            out.push_str(&format!("=== {}\npath: {}\n", case.name, case.path));
            if !case.flags.is_empty() {
                out.push_str(&format!("flags: {}\n", case.flags.join(" ")));
            }
            if case.manager != Manager::Env {
                out.push_str(&format!("to: {}\n", case.manager.id()));
            }
            for near in &case.neighbours {
                out.push_str(&format!(
                    "near: {}\n",
                    near.replace('\n', "\\n").replace('\t', "\\t")
                ));
            }
            match self.run(case) {
                Err(failed) => out.push_str(&format!(
                    "refused: BROKEN {}\n<<<\n{}\n",
                    failed.message().unwrap_or_default(),
                    case.input
                )),
                Ok(outcome) => {
                    for refusal in outcome.rewrite.refused.iter().take(1) {
                        let reason = case.refused.clone();
                        let reason = reason.filter(|words| refusal.reason.contains(words.as_str()));
                        let reason = reason.unwrap_or_else(|| refusal.reason.clone());
                        out.push_str(&format!("refused: {reason}\n"));
                    }
                    let mut changed = outcome.rewrite.apply(&outcome.text);
                    let mut is_changed = changed != outcome.text;
                    if let Some(untrack) = &outcome.rewrite.untrack {
                        out.push_str(&format!("untrack: {}\n", untrack.example));
                        changed = untrack.text.clone();
                        is_changed = true;
                    }
                    out.push_str(&format!("<<<\n{}\n", case.input.trim_end_matches('\n')));
                    if is_changed {
                        let mut plain = plain(&changed);
                        for place in &outcome.places {
                            let value = String::from_utf8_lossy(place.value.expose()).into_owned();
                            let name = self.name_of(&case.input, &value);
                            plain = plain.replace(&value, &format!("{{{name}}}"));
                        }
                        out.push_str(&format!(">>>\n{}\n", plain.trim_end_matches('\n')));
                    }
                }
            }
            out.push('\n');
        }
        out.trim_end_matches('\n').to_owned() + "\n"
    }

    fn name_of(&self, text: &str, value: &str) -> String {
        let mut names = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        names.find(|name| self.value(name).as_deref() == Some(value)).unwrap_or("?").to_owned()
    }
}

/// A text as the flags want it written.
fn written(text: &str, flags: &[String]) -> Vec<u8> {
    let has = |flag: &str| flags.iter().any(|known| known == flag);
    let mut text = text.to_owned();
    if has("open") {
        text = text.trim_end_matches('\n').to_owned();
    }
    if has("crlf") {
        text = text.replace('\n', "\r\n");
    }
    if has("bom") || has("utf16le") {
        text = format!("\u{feff}{text}");
    }
    if has("utf16le") {
        return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    }
    if has("latin1") {
        return text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    }
    text.into_bytes()
}

/// The other way round.
fn plain(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units: Vec<u16> =
                rest.chunks(2).map(|p| u16::from_le_bytes([p[0], p[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8(bytes.to_vec())
            .unwrap_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect()),
    };
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
}

fn shown(bytes: &[u8]) -> String {
    plain(bytes)
}
