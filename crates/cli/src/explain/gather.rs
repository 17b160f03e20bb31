//! From a finding to everything that its runbook uses: all its places, the
//! history, what is around it. Values are looked at here and leave masked.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use stanch_remedy::runbook::{
    Around, Brought, Fact, History, Kind, Leak, Place, Presence, Text, in_output, neighbourhood,
    wanted,
};
use stanch_scan::{Finding, GitPlace, Origin, printable};
use stanch_sources::git::{Repo, Standing};

use crate::args::SearchOptions;
use crate::collect::Reported;
use crate::report::{self, link};
use crate::{hook, policy, scan};

/// Bytes that are read of each file around a leak.
const MOST: u64 = 4 << 20;

/// Files at the root of a project, or beside the leak, that say whose it is.
const NEIGHBOURS: &[&str] = &[
    "azure-pipelines.yml",
    "azure-pipelines.yaml",
    ".azure-pipelines.yml",
    "nuget.config",
    "NuGet.config",
    "NuGet.Config",
    ".npmrc",
    ".yarnrc.yml",
    "pip.conf",
    "settings.xml",
    "settings.gradle",
    "build.gradle",
    ".env",
    "README.md",
];

/// Folders of such files.
const FOLDERS: &[&str] =
    &[".github/workflows", ".azuredevops", ".azure-pipelines", "pipelines", ".vscode"];

/// Everything that is known of the leak that a finding belongs to; of the
/// past only if `past` is asked for.
///
/// # Errors
/// A configuration or detectors that are wrong.
pub(super) fn leak(finding: &Finding, detectors: &[PathBuf], past: bool) -> anyhow::Result<Leak> {
    let same = |found: &Reported| found.finding.fingerprint == finding.fingerprint;
    let search = || SearchOptions {
        detectors: detectors.to_vec(),
        only: vec![finding.detector.clone()],
        ..SearchOptions::default()
    };
    let here = root(finding);
    let (mut now, _) = scan::everything(std::slice::from_ref(&here), search())?;
    now.retain(same);
    let repo = Repo::discover(&here).ok();
    let (mut past, history) = match &repo {
        Some(repo) if past => {
            let (past, whole) = scan::git::everything(repo, &search())?;
            let whole = whole && !repo.is_shallow();
            (past, if whole { History::Whole } else { History::Part })
        }
        _ => (Vec::new(), History::Unread),
    };
    past.retain(same);

    // Certificates of a key are linked by the scan that saw both.
    let from = now.first().or(past.first());
    let mut facts: Vec<Fact> = match from {
        Some(found) => found.facts().map(|(name, value)| fact(name, value)).collect(),
        None => finding.facts.iter().map(|f| fact(f.name, &f.value)).collect(),
    };
    facts.extend(around_it(finding, &now, repo.as_ref()));

    let sample = from.map_or(finding, |found| &found.finding);
    let places = places(&now, repo.as_ref(), &past);
    let mut old: Vec<Place> = past.iter().map(|found| committed(found, repo.as_ref())).collect();
    old.sort_by(|a, b| {
        let day = |place: &Place| place.commit.as_ref().map(|commit| commit.day.clone());
        day(a).cmp(&day(b)).then(a.path.cmp(&b.path))
    });
    Ok(Leak {
        fingerprint: finding.fingerprint.clone(),
        masked: finding.masked.clone(),
        confidence: report::rounded(finding.confidence),
        evidence: finding.evidence.iter().map(|text| printable(text)).collect(),
        facts,
        places,
        past: old,
        around: Around {
            today: policy::known::today().to_string(),
            repository: repo.is_some(),
            history,
            remotes: repo.as_ref().map(hosts).unwrap_or_default(),
            hook: repo.is_some().then(hook::watches_commits).flatten(),
            name: name_of(sample),
        },
    })
}

/// The folder whose files are looked at: this one, or that of a file outside.
fn root(finding: &Finding) -> PathBuf {
    let here = PathBuf::from(".");
    let Origin::File(path) = &finding.origin else { return here };
    let inside = match (here.canonicalize(), path.canonicalize()) {
        (Ok(here), Ok(path)) => path.starts_with(here),
        _ => true,
    };
    match path.parent() {
        Some(folder) if !inside && !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => here,
    }
}

fn fact(name: &str, value: &str) -> Fact {
    Fact { name: printable(name), value: printable(value), found_in: None }
}

fn places(now: &[Reported], repo: Option<&Repo>, past: &[Reported]) -> Vec<Place> {
    let paths: Vec<&Path> = now.iter().map(|found| found.finding.origin.path()).collect();
    let standing = repo.map_or_else(|| vec![None; paths.len()], |repo| repo.standing(&paths));
    let mut places: Vec<Place> = now
        .iter()
        .zip(standing)
        .map(|(found, standing)| {
            let found = &found.finding;
            let path = shown(found.origin.path());
            let presence = match (&found.origin, standing) {
                (Origin::Stdin, _) => Presence::Input,
                (_, Some(Standing::Tracked)) => Presence::Tracked,
                (_, Some(Standing::Ignored)) => Presence::Ignored,
                (_, Some(Standing::Untracked)) => Presence::Untracked,
                (_, None) => Presence::NoRepository,
            };
            let committed = past.iter().find(|past| {
                past.finding.origin.git().is_some_and(|git| from_here(&git.path, repo) == path)
            });
            Place {
                kind: kind_of(found, &path),
                link: None,
                commit: committed.and_then(|past| brought(&past.finding)),
                ..place(found, path, presence)
            }
        })
        .collect();
    places.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    places
}

fn committed(found: &Reported, repo: Option<&Repo>) -> Place {
    let found = &found.finding;
    let Some(git) = found.origin.git() else {
        return place(found, shown(found.origin.path()), Presence::NoRepository);
    };
    let presence = match git.presence {
        stanch_scan::Presence::Head => Presence::Head,
        stanch_scan::Presence::History => Presence::History,
        stanch_scan::Presence::Unreachable => Presence::Unreachable,
    };
    let path = from_here(&git.path, repo);
    let kind = match git.place {
        GitPlace::File => Kind::of(&path),
        GitPlace::Commit => Kind::CommitMessage,
        GitPlace::Tag => Kind::TagMessage,
        GitPlace::Note => Kind::GitNote,
        GitPlace::Reference => Kind::ReferenceName,
    };
    Place { kind, commit: brought(found), link: link(found), ..place(found, path, presence) }
}

fn place(found: &Finding, path: String, presence: Presence) -> Place {
    Place {
        kind: Kind::of(&path),
        path,
        line: found.location.line,
        column: found.location.char_column,
        presence,
        encodings: found.encodings.iter().map(ToString::to_string).collect(),
        commit: None,
        link: None,
    }
}

fn brought(found: &Finding) -> Option<Brought> {
    let commit = found.origin.git()?.commit.as_ref()?;
    let day = report::date(commit);
    Some(Brought {
        id: commit.short_id().to_owned(),
        author: printable(&commit.author),
        day: day.get(..10).unwrap_or(&day).to_owned(),
    })
}

/// A path of the repository as it is seen from this folder.
fn from_here(path: &Path, repo: Option<&Repo>) -> String {
    let root = repo.and_then(Repo::work_dir).and_then(|root| root.canonicalize().ok());
    let here = Path::new(".").canonicalize().ok();
    let below = match (&root, &here) {
        (Some(root), Some(here)) => here.strip_prefix(root).ok(),
        _ => None,
    };
    match below.filter(|below| !below.as_os_str().is_empty()) {
        None => shown(path),
        Some(below) => match path.strip_prefix(below) {
            Ok(inside) => shown(inside),
            Err(_) => {
                let up: PathBuf = below.components().map(|_| "..").collect();
                shown(&up.join(path))
            }
        },
    }
}

fn shown(path: &Path) -> String {
    let text = printable(&path.to_string_lossy());
    text.strip_prefix("./").map(str::to_owned).unwrap_or(text)
}

fn kind_of(found: &Finding, path: &str) -> Kind {
    match Kind::of(path) {
        Kind::Notebook => {
            let text = read(found.origin.path()).unwrap_or_default();
            let output = in_output(&text, found.secret.expose());
            if output { Kind::NotebookOutput } else { Kind::Notebook }
        }
        _ if found.origin == Origin::Stdin => Kind::Input,
        kind => kind,
    }
}

/// The environment variable that the value is given to, if its line says so.
fn name_of(found: &Finding) -> Option<String> {
    let before = found.excerpt.split(found.masked.as_str()).next()?;
    let before = before.trim_end_matches(['"', '\'', ' ', '\t']);
    let before = before.strip_suffix([':', '='])?.trim_end_matches(['"', '\'', ' ', ':']);
    let name: String =
        before.chars().rev().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let name: String = name.chars().rev().collect();
    let is_variable = name.len() >= 3
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && !name.contains(|c: char| c.is_ascii_lowercase());
    is_variable.then_some(name)
}

/// Hosts that a repository is pushed to, without who logs in.
fn hosts(repo: &Repo) -> Vec<String> {
    let mut hosts: Vec<String> = repo
        .addresses()
        .iter()
        .filter_map(|url| {
            let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            let host = rest.split('/').next()?.rsplit('@').next()?.split(':').next()?;
            let sound = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
            (!host.is_empty() && host.contains('.') && host.chars().all(sound))
                .then(|| host.to_owned())
        })
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// What texts around the leak say of it.
fn around_it(finding: &Finding, now: &[Reported], repo: Option<&Repo>) -> Vec<Fact> {
    if !wanted(&finding.detector) {
        return Vec::new();
    }
    let mut texts = Vec::new();
    let mut add = |name: String, content: Vec<u8>| {
        texts.push(Text { name, content: String::from_utf8_lossy(&content).into_owned() });
    };
    for found in now.iter().take(16) {
        let path = found.finding.origin.path();
        add(shown(path), read(path).unwrap_or_default());
    }
    for url in repo.iter().flat_map(|repo| repo.addresses()) {
        add("a remote of this repository".to_owned(), url.into_bytes());
    }
    let root = repo.and_then(Repo::work_dir).unwrap_or_else(|| PathBuf::from("."));
    let beside =
        now.iter().filter_map(|found| found.finding.origin.path().parent().map(Path::to_owned));
    let mut folders: Vec<PathBuf> = std::iter::once(root.clone()).chain(beside.take(4)).collect();
    folders.dedup();
    for folder in folders {
        for name in NEIGHBOURS {
            let path = folder.join(name);
            let told = path.strip_prefix(&root).unwrap_or(&path);
            read(&path).into_iter().for_each(|text| add(shown(told), text));
        }
    }
    for folder in FOLDERS {
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        for entry in entries.take(64) {
            let told = Path::new(folder).join(entry.file_name());
            read(&entry.path()).into_iter().for_each(|text| add(shown(&told), text));
        }
    }
    neighbourhood(&finding.detector, &texts)
}

/// The beginning of a file; none for what is no file or cannot be read.
fn read(path: &Path) -> Option<Vec<u8>> {
    // A pipe that nobody writes to would be waited for.
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    fs::File::open(path).ok()?.take(MOST).read_to_end(&mut text).ok()?;
    Some(text)
}
