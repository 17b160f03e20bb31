//! `stanch ci`: what a build is for, scanned, and told in the build server's
//! own way.

mod args;
mod azure;
mod bitbucket;
mod build;
mod buildkite;
mod circleci;
mod deepen;
mod drone;
mod github;
mod gitlab;
mod jenkins;
mod log;
mod platform;
mod range;
mod teamcity;
mod tell;
mod travis;
mod woodpecker;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use stanch_rules::Severity;
use stanch_scan::{Scanner, Source, printable};
use stanch_sources::git::{Range as Commits, Repo};

pub(crate) use self::args::CiArgs;
use self::build::{Build, Surroundings};
use self::range::{Range, Undecided};
use self::tell::Teller;
use crate::collect::{Collector, Receipt, Tally};
use crate::exit::Exit;
use crate::report::{self, Report, count};
use crate::scan::{Config, git::Setting};

/// Runs the command.
pub(crate) fn run(args: &CiArgs) -> anyhow::Result<Exit> {
    let vars: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        })
        .collect();
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let env = Surroundings { vars: &vars, read: &read };
    let build = platform::recognise(&env);
    let repo = Repo::discover(&args.path)?;
    let (repo, range) = match decide(args, build.as_ref(), repo) {
        Ok(decided) => decided,
        Err(error) => {
            // A failed step may be all that somebody looks at.
            let problem =
                build.as_ref().and_then(|b| log::problem(b.platform, &format!("{error:#}")));
            if let (Some(line), false) = (problem, args.no_annotations) {
                writeln!(io::stdout(), "{line}")?;
            }
            return Err(error);
        }
    };
    if args.dry_run || !args.search.quiet {
        let told = log::harmless(&announcement(build.as_ref(), &range, args.dry_run));
        io::stdout().write_all(told.as_bytes())?;
    }
    if args.dry_run {
        return Ok(Exit::Clean);
    }
    scan(args, &env, build.as_ref(), &repo, range)
}

/// What to scan, after fetching more of the past where that is asked for.
fn decide(args: &CiArgs, build: Option<&Build>, repo: Repo) -> anyhow::Result<(Repo, Range)> {
    let decide = |repo: &Repo| match (&args.range, build) {
        (Some(spec), _) => range::named(spec, repo).map_err(anyhow::Error::from),
        (None, Some(build)) => range::decide(build, repo).map_err(anyhow::Error::from),
        (None, None) => anyhow::bail!(
            "no build server is recognised by its variables; give --range A..B, or set CI=true"
        ),
    };
    let error = match decide(&repo) {
        Ok(range) => return Ok((repo, range)),
        Err(error) => error,
    };
    let Some(undecided) = error.downcast_ref::<Undecided>() else { return Err(error) };
    if args.deepen {
        let unknown = Build::new(platform::Platform::Other, build::Event::Unknown);
        deepen::fetch(&args.path, build.unwrap_or(&unknown), &repo)
            .context("cannot fetch what this clone lacks")?;
        let repo = Repo::discover(&args.path)?;
        let range = decide(&repo).context("even after fetching more of the past")?;
        return Ok((repo, range));
    }
    let platform = build.map_or(platform::Platform::Other, |build| build.platform);
    match undecided {
        Undecided::Git(_) => Err(error),
        _ => Err(anyhow::anyhow!(
            "{}; {}, or let `stanch ci --deepen` fetch it",
            printable(&error.to_string()),
            platform.deepen()
        )),
    }
}

/// What is scanned, for people.
fn announcement(build: Option<&Build>, range: &Range, all: bool) -> String {
    let commits = count(range.commits as u64, "commit", "commits");
    let whose = build.map_or("Stanch".to_owned(), |build| {
        format!("Stanch on {}, {}", build.platform.name(), build.event.name())
    });
    let mut told = format!("{whose}: {commits}, {}.\n", printable(&range.words));
    if all {
        for (name, ids) in [("from", &range.selection.tips), ("without", &range.selection.hidden)] {
            for id in ids {
                told.push_str(&format!("    {name} {id}\n"));
            }
        }
    }
    told
}

fn scan(
    args: &CiArgs,
    env: &Surroundings<'_>,
    build: Option<&Build>,
    repo: &Repo,
    range: Range,
) -> anyhow::Result<Exit> {
    let search = &args.search;
    let setting = Setting::load(search, Some(repo))?;
    let config = Config::new(search, &setting.policy);
    let engine = config.engine()?;
    let options = report::Options { show_secrets: search.show_secrets, quiet: search.quiet };
    let teller = Teller { args, env, platform: build.map(|build| build.platform), options };
    let outputs = teller.open()?;

    let mut commits = Commits::new(repo, range.selection);
    commits.options = setting.options(search);
    let (policy, confidence) = (&setting.policy, config.min_confidence);
    let collector = Collector::new(policy, confidence, search.no_ignores, !search.quiet, None);
    commits.scan(Scanner { engine: &engine, key: &setting.key }, &collector);
    collector.commits(commits.commits());
    let (findings, tally, receipt) = collector.finish();
    let report =
        Report { findings: &findings, tally: &tally, receipt: &receipt, pack: engine.pack() };
    teller.tell(&report, outputs)?;
    Ok(exit(args.fail_on, &tally, &receipt))
}

fn exit(fail_on: Option<Severity>, tally: &Tally, receipt: &Receipt) -> Exit {
    let bar = fail_on.unwrap_or(Severity::Low);
    if tally.by_severity.iter().any(|(severity, n)| *severity >= bar && *n > 0) {
        return Exit::Findings;
    }
    if receipt.is_complete() { Exit::Clean } else { Exit::Incomplete }
}
