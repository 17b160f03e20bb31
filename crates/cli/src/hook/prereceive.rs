//! `pre-receive`: the server's door. It sees objects in quarantine, believes
//! only the server's own configuration, and ends in time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use stanch_sources::git::{Range, Repo};

use super::audit::{self, Event};
use super::bypass::{self, Bypass};
use super::pass::{self, Found};
use super::tell::{self, At};
use super::watchdog::Watchdog;
use super::{Hook, RunArgs, protocol, run};
use crate::exit::Exit;
use crate::policy::{self, OnTimeout, Policy};

/// GitHub Enterprise ends hooks after five seconds.
const BUDGET: Duration = Duration::from_secs(4);

/// Even a budget of nothing leaves time to read what is to be done when it is
/// over.
const GRACE: Duration = Duration::from_secs(1);

/// The key of Git's configuration that names ours.
const CONFIG_KEY: &str = "stanch.config";

/// Where a server's configuration is looked for last.
const CONFIG_FILE: &str = "/etc/stanch/stanch.toml";

/// What the watchdog has to know when the time is over.
struct Late {
    on_timeout: OnTimeout,
    budget: Duration,
    git_dir: Option<PathBuf>,
    refs: Vec<String>,
    found: Found,
    /// The reason of a bypass that was granted.
    bypass: Option<String>,
}

/// Runs the hook.
///
/// # Errors
/// None that is not told to whoever pushes; the push is refused then.
pub(super) fn start(args: &RunArgs) -> anyhow::Result<Exit> {
    let budget = args.budget.unwrap_or(BUDGET);
    let found = Found::default();
    let late = Arc::new(Mutex::new(Late {
        on_timeout: OnTimeout::Reject,
        budget,
        git_dir: None,
        refs: Vec::new(),
        found: found.clone(),
        bypass: None,
    }));
    let watched = Arc::clone(&late);
    let watchdog = Watchdog::start(budget.max(GRACE), {
        move || over(&watched.lock().unwrap_or_else(PoisonError::into_inner))
    })
    .context("the time cannot be watched")?;
    match receive(args, &found, &late, &watchdog) {
        Ok(exit) => Ok(exit),
        Err(error) => {
            watchdog.end();
            let mut err = std::io::stderr().lock();
            let _ = tell::remote(&mut err, &format!("stanch: this push is refused: {error:#}"));
            Ok(Exit::Incomplete)
        }
    }
}

fn receive(
    args: &RunArgs,
    found: &Found,
    late: &Mutex<Late>,
    watchdog: &Watchdog,
) -> anyhow::Result<Exit> {
    let updates = protocol::pre_receive(&protocol::input()?)?;
    let refs: Vec<String> = updates.iter().map(|update| update.name.clone()).collect();
    let repo = Repo::from_environment(Path::new("."))?;
    let git_dir = repo.git_dir();
    std::env::set_current_dir(&git_dir).context("the repository cannot be entered")?;
    let key = policy::key::load()?;
    let config = configuration(args, &repo);
    let policy = Policy::load_for_server(config.as_deref(), &key)?;
    let settings = policy.settings().hook;
    let budget = args.budget.or(settings.budget).unwrap_or(BUDGET);
    {
        let mut late = late.lock().unwrap_or_else(PoisonError::into_inner);
        late.on_timeout = settings.on_timeout.unwrap_or(OnTimeout::Reject);
        late.budget = budget;
        late.git_dir = Some(git_dir.clone());
        late.refs.clone_from(&refs);
    }
    let asked = bypass::asked(Hook::PreReceive, &settings)?;
    if let Bypass::Granted(reason) = &asked {
        let mut late = late.lock().unwrap_or_else(PoisonError::into_inner);
        late.bypass = Some(reason.clone());
    }
    let (tips, names) = run::brought(&updates);
    if tips.is_empty() && matches!(asked, Bypass::Unasked) {
        watchdog.end();
        return Ok(Exit::Clean);
    }
    watchdog.set(budget);
    if budget.is_zero() {
        watchdog.wait();
    }
    let mut range = Range::new(&repo, repo.received(tips.clone())?);
    range.options = run::options(&policy);
    range.references = names;
    let receipt = pass::scan(&range, &policy, &key, found);
    watchdog.end();
    let mut err = std::io::stderr().lock();
    match asked {
        Bypass::Granted(reason) => {
            let findings = receipt.is_ok().then(|| found.secrets());
            let hook = Hook::PreReceive;
            let line = audit::Line::new(Event::Bypass, hook, &git_dir, &refs, &reason, findings);
            line.append(&audit::server_file(&repo.common_dir()))?;
            let told = run::let_through(hook, &reason, findings);
            let _ = tell::remote(&mut err, &format!("stanch: {told}"));
            return Ok(Exit::Clean);
        }
        Bypass::Forbidden => {
            let _ = tell::remote(&mut err, "stanch: this server allows no bypass.");
        }
        Bypass::Unasked => {}
    }
    let receipt = receipt?;
    let heads: Vec<String> = tips.iter().map(ToString::to_string).collect();
    let at = At::receive(&repo, &heads, &found.lock());
    let allowed = bypass::is_allowed(Hook::PreReceive, &settings);
    // Whoever pushed may have hung up.
    let _ = tell::outcome(&mut err, &found.lock(), &receipt, &at, allowed);
    Ok(run::exit(found, &receipt))
}

/// The configuration that the administrator has given, which no push can
/// change: an argument, Git's own configuration on this machine, or a fixed
/// place.
fn configuration(args: &RunArgs, repo: &Repo) -> Option<PathBuf> {
    args.config.clone().or_else(|| configured(repo))
}

/// The same without an argument.
pub(super) fn configured(repo: &Repo) -> Option<PathBuf> {
    let fixed = || Some(PathBuf::from(CONFIG_FILE)).filter(|path| path.exists());
    repo.configured_path(CONFIG_KEY).or_else(fixed)
}

/// Says what happens when the time is over, and gives the exit code.
fn over(late: &Late) -> i32 {
    let mut err = std::io::stderr().lock();
    let found = late.found.secrets();
    let seconds = late.budget.as_secs_f64();
    let mut say = |text: &str| {
        let _ = tell::remote(&mut err, text);
    };
    if let (Some(reason), Some(git_dir)) = (&late.bypass, &late.git_dir) {
        let line =
            audit::Line::new(Event::Bypass, Hook::PreReceive, git_dir, &late.refs, reason, None);
        return match line.append(&audit::server_file(git_dir)) {
            Ok(()) => {
                say(&format!("stanch: {}", run::let_through(Hook::PreReceive, reason, None)));
                0
            }
            Err(error) => {
                say(&format!("stanch: this push is refused: {error:#}"));
                2
            }
        };
    }
    if found > 0 {
        // It is refused whatever the policy, so what is known is told.
        let number = crate::report::count(found, "secret", "secrets");
        say(&format!("stanch: this push is refused: {number} so far, after {seconds} s."));
        for reported in late.found.lock().iter().take(5) {
            let finding = &reported.finding;
            say(&format!("{}: {}", crate::report::place(finding), finding.name));
        }
    } else if late.on_timeout == OnTimeout::Reject {
        say(&format!("stanch: this push is refused: it could not be scanned in {seconds} s."));
        say("Push fewer commits at once, or ask the server's administrator.");
    } else {
        say(&format!("stanch: this push was NOT wholly scanned in {seconds} s."));
        say("The server's policy lets it in all the same, and has noted it.");
    }
    let accepted = found == 0 && late.on_timeout == OnTimeout::Accept;
    let event = if accepted { Event::TimeoutAccepted } else { Event::TimeoutRejected };
    let reason = format!("not scanned in {seconds} s");
    let noted = late.git_dir.as_ref().map(|git_dir| {
        let findings = (found > 0).then_some(found);
        audit::Line::new(event, Hook::PreReceive, git_dir, &late.refs, &reason, findings)
            .append(&audit::server_file(git_dir))
    });
    match (accepted, noted) {
        (true, Some(Ok(()))) => 0,
        (true, _) => {
            say("But it cannot be noted here, so it is refused after all.");
            2
        }
        (false, _) if found > 0 => 1,
        (false, _) => 2,
    }
}
