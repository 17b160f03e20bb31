//! `stanch hook run`: what Git starts. Nothing is printed when all is well.
//!
//! At the start of a client hook only this is done: the repository is opened,
//! one `stanch.toml` is looked for from the work tree's top upward, the
//! fingerprint key is read, the packed detectors are decoded. No thread, no
//! other program, no walk of the work tree.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use stanch_scan::printable;
use stanch_sources::git::{GitOptions, Known, Range, Repo, Staged};

use super::audit::{self, Event};
use super::bypass::{self, Bypass};
use super::pass::{self, Found};
use super::protocol::{self, Update};
use super::tell::{self, At};
use super::{Hook, RunArgs, prereceive, script};
use crate::collect::Receipt;
use crate::complain;
use crate::exit::Exit;
use crate::policy::{self, Policy};

/// Runs a hook.
///
/// # Errors
/// Everything that keeps it from scanning: Git stops then.
pub(super) fn start(args: &RunArgs) -> anyhow::Result<Exit> {
    if std::env::var_os(script::PROBE).is_some_and(|value| !value.is_empty()) {
        probed(args.hook);
    }
    match args.hook {
        Hook::PreReceive => prereceive::start(args),
        hook => client(hook, args),
    }
}

/// What a hook knows of its scan.
pub(super) struct Scanned {
    pub(super) receipt: Receipt,
    /// Where the hook stands, for advice.
    pub(super) at: At,
}

fn client(hook: Hook, args: &RunArgs) -> anyhow::Result<Exit> {
    // Read before anything can fail, so that Git is not left writing.
    let input = if hook.reads_input() { protocol::input()? } else { Vec::new() };
    let repo = Repo::from_environment(Path::new("."));
    let top = match &repo {
        Ok(repo) => repo.work_dir().unwrap_or_else(|| repo.git_dir()),
        Err(_) => PathBuf::from("."),
    };
    // Paths of findings and of policies are those of the repository.
    std::env::set_current_dir(&top).context("the work tree cannot be entered")?;
    let key = policy::key::load()?;
    let policy = Policy::load(args.config.as_deref(), &[PathBuf::from(".")], None, &key)?;
    let asked = bypass::asked(hook, &policy.settings().hook)?;
    let found = Found::default();
    let mut refs = Vec::new();
    let scanned = repo.map_err(anyhow::Error::from).and_then(|repo| match hook {
        Hook::PreCommit => commit(&repo, &policy, &key, &found),
        _ => push(&repo, args, &input, &policy, &key, &found, &mut refs),
    });
    match asked {
        Bypass::Granted(reason) => {
            let findings = scanned.is_ok().then(|| found.secrets());
            let file = audit::user_file()?;
            let here = std::env::current_dir().unwrap_or(top);
            let line = audit::Line::new(Event::Bypass, hook, &here, &refs, &reason, findings);
            line.append(&file)?;
            complain(&let_through(hook, &reason, findings));
            return Ok(Exit::Clean);
        }
        Bypass::Forbidden => {
            complain("STANCH_BYPASS is not allowed here: `bypass = false` in stanch.toml");
        }
        Bypass::Unasked => {}
    }
    let Scanned { receipt, at } = scanned?;
    let mut err = anstream::stderr().lock();
    let allowed = bypass::is_allowed(hook, &policy.settings().hook);
    // Nobody is left to be told when standard error itself is gone.
    let _ = tell::outcome(&mut err, &found.lock(), &receipt, &at, allowed);
    Ok(exit(&found, &receipt))
}

/// How a hook ends.
pub(super) fn exit(found: &Found, receipt: &Receipt) -> Exit {
    match (found.lock().is_empty(), receipt.is_complete()) {
        (false, _) => Exit::Findings,
        (true, true) => Exit::Clean,
        (true, false) => Exit::Incomplete,
    }
}

/// What is said of a bypass.
pub(super) fn let_through(hook: Hook, reason: &str, findings: Option<u64>) -> String {
    let what = match findings {
        Some(0) => "without a finding".to_owned(),
        Some(n) => format!("with {}", crate::report::count(n, "secret", "secrets")),
        None => "without a scan".to_owned(),
    };
    format!("{} passed {what}: {}; noted in the audit trail", hook.name(), printable(reason))
}

fn commit(
    repo: &Repo,
    policy: &Policy,
    key: &stanch_scan::FingerprintKey,
    found: &Found,
) -> anyhow::Result<Scanned> {
    let mut staged = Staged::new(repo);
    staged.options = options(policy);
    let receipt = pass::scan(&staged, policy, key, found)?;
    let unborn = repo.head()?.is_none();
    Ok(Scanned { receipt, at: At::Commit { unborn } })
}

fn push(
    repo: &Repo,
    args: &RunArgs,
    input: &[u8],
    policy: &Policy,
    key: &stanch_scan::FingerprintKey,
    found: &Found,
    refs: &mut Vec<String>,
) -> anyhow::Result<Scanned> {
    let mut updates = protocol::pre_push(input)?;
    let arg = |at: usize| args.args.get(at).map(|arg| arg.to_string_lossy().into_owned());
    let mut remote = arg(0);
    if updates.is_empty() {
        let (framework, name) = of_framework(repo)?;
        updates.extend(framework);
        remote = remote.or(name);
    }
    let remote = remote.unwrap_or_else(|| "origin".to_owned());
    refs.extend(updates.iter().map(|update| update.name.clone()));
    let (tips, names) = brought(&updates);
    if tips.is_empty() {
        // A deletion brings nothing.
        return Ok(Scanned { receipt: Receipt::default(), at: At::nothing() });
    }
    let old: Vec<_> = updates.iter().filter_map(|update| update.old).collect();
    let (selection, known) = repo.unpushed(tips.clone(), &old, &remote)?;
    let mut range = Range::new(repo, selection);
    range.options = options(policy);
    range.references = names;
    let receipt = pass::scan(&range, policy, key, found)?;
    if known == Known::Nothing {
        let commits = crate::report::count(range.commits() as u64, "commit", "commits");
        complain(&format!(
            "nothing is known of what {} has, so all {commits} of what is pushed were scanned",
            printable(&remote)
        ));
    }
    let heads: Vec<String> = repo.head()?.into_iter().map(|id| id.to_string()).collect();
    Ok(Scanned { receipt, at: At::push(repo, &heads, &found.lock()) })
}

/// What updates bring: objects, and the names that they get.
pub(super) fn brought(updates: &[Update]) -> (Vec<stanch_sources::git::ObjectId>, Vec<String>) {
    let brings = || updates.iter().filter(|update| update.new.is_some());
    let tips = brings().filter_map(|update| update.new).collect();
    // What is there already under that name was there to be seen.
    let names = brings().filter(|update| update.old.is_none());
    (tips, names.map(|update| update.name.clone()).collect())
}

/// The pre-commit framework takes Git's words for itself and hands on one
/// reference in variables; none of them is set when all of a branch is new.
fn of_framework(repo: &Repo) -> anyhow::Result<(Option<Update>, Option<String>)> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(name) = var("PRE_COMMIT_REMOTE_BRANCH") else { return Ok((None, None)) };
    let local = var("PRE_COMMIT_TO_REF").or_else(|| var("PRE_COMMIT_LOCAL_BRANCH"));
    let Some(local) = local else { return Ok((None, None)) };
    let new = Some(repo.resolve(&local)?);
    let update = Update { new, old: None, name, local };
    Ok((Some(update), var("PRE_COMMIT_REMOTE_NAME")))
}

/// How a hook reads a repository.
pub(super) fn options(policy: &Policy) -> GitOptions {
    GitOptions { exclude: policy.excluder().into(), ..GitOptions::default() }
}

/// Says that the hook was reached, and fails.
#[expect(clippy::exit, reason = "no other command has this exit code")]
fn probed(hook: Hook) -> ! {
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(std::io::stdout(), "stanch {version} reached as {}", hook.name());
    std::process::exit(script::PROBED)
}
