//! Measures a repository's history: `history decode PATH` decodes every object
//! once with gix-pack and does nothing with it, `history scan PATH` scans, and
//! `history whole PATH` scans without carrying anything over from delta bases.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for measuring")]

use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use stanch_scan::{Engine, Finding, FingerprintKey, Gap, Scanner, Sink, Source};
use stanch_sources::git::{History, Repo};

#[derive(Default)]
struct Count {
    findings: Mutex<Vec<Finding>>,
    gaps: Mutex<Vec<Gap>>,
}

impl Sink for Count {
    fn findings(&self, findings: Vec<Finding>) {
        self.findings.lock().unwrap().extend(findings);
    }

    fn gap(&self, gap: Gap) {
        self.gaps.lock().unwrap().push(gap);
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let what = args.next().unwrap_or_default();
    let path = args.next().unwrap_or_else(|| ".".to_owned());
    let threads: usize = args.next().map_or(2, |n| n.parse().unwrap());
    let start = Instant::now();
    match what.as_str() {
        "decode" => decode(Path::new(&path), threads),
        _ => scan(Path::new(&path), threads, what == "whole"),
    }
    println!("{what}: {:.3} s", start.elapsed().as_secs_f64());
}

fn scan(path: &Path, threads: usize, whole: bool) {
    let repo = Repo::discover(path).unwrap();
    let engine = Engine::new(stanch_detectors::pack());
    let key = FingerprintKey::new(&[7; 32]);
    let count = Count::default();
    let mut history = History::new(&repo);
    history.options.threads = threads;
    history.whole = whole;
    history.scan(Scanner { engine: &engine, key: &key }, &count);
    let mut lines: Vec<String> = count
        .findings
        .lock()
        .unwrap()
        .iter()
        .map(|f| {
            let git = f.origin.git().unwrap();
            let commit = git.commit.as_ref().map_or("-", |c| c.short_id());
            let place = format!("{}:{}:{}", f.origin, f.location.line, f.location.column);
            format!("{} {} {place} {commit} {}", f.detector, f.fingerprint, git.presence.name())
        })
        .collect();
    lines.sort();
    if std::env::var_os("LIST").is_some() {
        lines.iter().for_each(|line| println!("{line}"));
    }
    println!("{} findings, {} gaps", lines.len(), count.gaps.lock().unwrap().len());
}

fn decode(path: &Path, threads: usize) {
    use gix::odb::pack::{cache, data, index};
    let repo = gix::open(path).unwrap();
    let mut objects = 0;
    for entry in std::fs::read_dir(repo.objects.store_ref().path().join("pack")).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|e| e != "idx") {
            continue;
        }
        let index = index::File::at(&file, repo.object_hash()).unwrap();
        let pack = data::File::at(file.with_extension("pack"), repo.object_hash()).unwrap();
        let options = index::traverse::Options {
            traversal: index::traverse::Algorithm::DeltaTreeLookup,
            thread_limit: Some(threads),
            check: index::traverse::SafetyCheck::SkipFileAndObjectChecksumVerificationAndNoAbortOnDecodeError,
            alloc_limit_bytes: None,
            make_pack_lookup_cache: || cache::Never,
        };
        let outcome = index
            .traverse(
                &pack,
                &mut gix::progress::Discard,
                &false.into(),
                |_, _, _, _| Ok(()),
                options,
            )
            .unwrap();
        objects += outcome.statistics.objects_per_chain_length.values().sum::<u32>();
    }
    println!("{objects} objects");
}
