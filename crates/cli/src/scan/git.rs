//! `stanch scan git`, `staged`, `changes` and `diff`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use stanch_scan::{FingerprintKey, Scanner, Source};
use stanch_sources::git::{Changes, Diff, GitOptions, History, Range, Repo, Selection, Staged};

use super::{Config, Ready, perform};
use crate::args::{ChangesArgs, DiffArgs, GitArgs, ScanOptions, SearchOptions, StagedArgs};
use crate::collect::{Collector, Reported};
use crate::exit::Exit;
use crate::policy::{self, Policy};

/// What a scan of a repository is told by people.
pub(crate) struct Setting {
    /// The folder that the paths of the repository are relative to.
    root: PathBuf,
    pub(crate) key: FingerprintKey,
    pub(crate) policy: Policy,
}

impl Setting {
    /// Loads what is in force for a repository, or where there is none for the
    /// working folder.
    ///
    /// # Errors
    /// A configuration or key that is wrong.
    pub(crate) fn load(options: &SearchOptions, repo: Option<&Repo>) -> anyhow::Result<Setting> {
        let root = match repo {
            Some(repo) => repo.work_dir().unwrap_or_else(|| repo.common_dir()),
            None => PathBuf::from("."),
        };
        let key = policy::key::load()?;
        let roots = std::slice::from_ref(&root);
        let baseline = options.baseline.as_deref();
        let policy = Policy::load(options.config.as_deref(), roots, baseline, &key)?;
        Ok(Setting { root, key, policy: policy.for_some() })
    }

    /// How to read a repository.
    pub(crate) fn options(&self, options: &SearchOptions) -> GitOptions {
        let (excluded, root) = (self.policy.excluder(), self.root.clone());
        GitOptions {
            threads: options.threads.map_or(0, usize::from),
            max_size: options.max_file_size,
            exclude: std::sync::Arc::new(move |path, folder| excluded(&root.join(path), folder)),
        }
    }

    /// Scans and reports.
    ///
    /// # Errors
    /// See [`perform`].
    pub(super) fn perform(
        &self,
        options: &ScanOptions,
        scan: impl FnOnce(&Ready<'_, '_>),
    ) -> anyhow::Result<Exit> {
        perform(options, &self.policy, &self.key, scan)
    }
}

/// `stanch scan git`.
pub(super) fn history(args: &GitArgs) -> anyhow::Result<Exit> {
    let (repo, range) = target(&args.what)?;
    let selection = selection(&repo, args, range.as_deref())?;
    let setting = Setting::load(&args.options.search, Some(&repo))?;
    match selection {
        Some(selection) => {
            let mut source = Range::new(&repo, selection);
            source.options = setting.options(&args.options.search);
            setting.perform(&args.options, |ready| {
                source.scan(ready.scanner, ready.sink);
                ready.sink.commits(source.commits());
            })
        }
        None => {
            let mut source = History::new(&repo);
            source.options = setting.options(&args.options.search);
            source.reflog = args.reflog;
            source.unreachable = args.unreachable;
            source.cache = match &args.cache {
                None => None,
                Some(Some(file)) => Some(file.clone()),
                Some(None) => Some(cache_file(&repo)?),
            };
            setting.perform(&args.options, |ready| {
                source.scan(ready.scanner, ready.sink);
                let new = source.commits();
                if source.is_continued() {
                    let commits =
                        if new == 1 { "1 new commit" } else { &format!("{new} new commits") };
                    ready.sink.note(format!("Scanned {commits}; the rest is from the last scan."));
                } else {
                    ready.sink.commits(new);
                }
            })
        }
    }
}

/// Every finding of a whole history, hidden and unlikely ones too, and whether
/// everything was read.
///
/// # Errors
/// A configuration or detectors that are wrong.
pub(crate) fn everything(
    repo: &Repo,
    search: &SearchOptions,
) -> anyhow::Result<(Vec<Reported>, bool)> {
    let setting = Setting::load(search, Some(repo))?;
    let engine = Config::new(search, &setting.policy).engine()?;
    let collector = Collector::new(&setting.policy, 0.0, true, true, None);
    let mut source = History::new(repo);
    source.options = setting.options(search);
    source.scan(Scanner { engine: &engine, key: &setting.key }, &collector);
    let (findings, _, receipt) = collector.finish();
    Ok((findings, receipt.is_complete()))
}

/// Where what is found in a repository is kept when no file is given.
fn cache_file(repo: &Repo) -> anyhow::Result<PathBuf> {
    let home = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty());
    let folder = home("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| home("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .or_else(|| home("LOCALAPPDATA").map(PathBuf::from))
        .context("neither XDG_CACHE_HOME nor HOME is set; give a file as --cache=FILE")?;
    let place = repo.common_dir();
    let place = place.canonicalize().unwrap_or(place);
    let name = Sha256::digest(place.as_os_str().as_encoded_bytes());
    let name = data_encoding::HEXLOWER.encode(&name[..16]);
    Ok(folder.join("stanch").join("history").join(name))
}

/// The commits that were asked for; none if it is the whole history.
fn selection(
    repo: &Repo,
    args: &GitArgs,
    range: Option<&str>,
) -> anyhow::Result<Option<Selection>> {
    let mut selection = match (range, &args.branch) {
        (Some(_), Some(_)) => bail!("give a range of commits or --branch, not both"),
        (Some(range), None) => repo.selection(range)?,
        (None, Some(branch)) => {
            Selection { tips: vec![repo.branch(branch)?], ..Selection::default() }
        }
        (None, None) if args.since.is_none() && args.max_commits.is_none() => return Ok(None),
        (None, None) => repo.all_references()?,
    };
    if let Some(since) = &args.since {
        selection = selection.since(repo.since(since)?);
    }
    selection.max_commits = args.max_commits;
    Ok(Some(selection))
}

/// The repository and the range of commits among what was typed.
fn target(what: &[String]) -> anyhow::Result<(Repo, Option<String>)> {
    match what {
        [] => Ok((Repo::discover(Path::new("."))?, None)),
        [path, range] => Ok((Repo::discover(Path::new(path))?, Some(range.clone()))),
        [one, ..] if Path::new(one).exists() => Ok((Repo::discover(Path::new(one))?, None)),
        [one, ..] if one.contains('/') && !one.contains("..") && one.starts_with(['/', '.']) => {
            bail!("{one}: no such file or directory; give the folder of a Git repository")
        }
        [one, ..] => Ok((Repo::discover(Path::new("."))?, Some(one.clone()))),
    }
}

/// `stanch scan staged`.
pub(super) fn staged(args: &StagedArgs) -> anyhow::Result<Exit> {
    let repo = Repo::from_environment(&args.path)?;
    let setting = Setting::load(&args.options.search, Some(&repo))?;
    let mut source = Staged::new(&repo);
    source.options = setting.options(&args.options.search);
    setting.perform(&args.options, |ready| source.scan(ready.scanner, ready.sink))
}

/// `stanch scan changes`.
pub(super) fn changes(args: &ChangesArgs) -> anyhow::Result<Exit> {
    let repo = Repo::discover(&args.path)?;
    let setting = Setting::load(&args.options.search, Some(&repo))?;
    let mut source = Changes::new(&repo, args.upstream.as_deref())?;
    source.options = setting.options(&args.options.search);
    setting.perform(&args.options, |ready| {
        source.scan(ready.scanner, ready.sink);
        ready.sink.commits(source.commits());
        let upstream = source.upstream();
        ready.sink.note(format!("Compared with {upstream}, and everything that is not committed."));
    })
}

/// `stanch scan diff`.
pub(super) fn diff(args: &DiffArgs) -> anyhow::Result<Exit> {
    // Paths of a diff are those of a repository, if there is one.
    let repo = Repo::discover(Path::new(".")).ok();
    let setting = Setting::load(&args.options.search, repo.as_ref())?;
    let source = Diff { path: args.file.clone(), options: setting.options(&args.options.search) };
    setting.perform(&args.options, |ready| source.scan(ready.scanner, ready.sink))
}
