//! `stanch detectors`: what can be found, and whether it is.

mod bench;
mod import;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;
use serde_json::json;
use stanch_rules::load::Source;
use stanch_rules::schema::{Action, Detector, ProviderFile, Request, Runbook, Verdict};
use stanch_rules::words;
use stanch_scan::printable;

use crate::args::{DetectorsArgs, DetectorsCommand, ListArgs, ListFormat};
use crate::exit::Exit;
use crate::pack;
use crate::report::human::wrapped;
use crate::report::style::{self, FAINT, GOOD, STRONG};
use crate::report::{count, severity};
use bench::Bench;

/// Runs the command.
pub(crate) fn run(args: &DetectorsArgs) -> anyhow::Result<Exit> {
    match &args.command {
        DetectorsCommand::List(args) => list(args),
        DetectorsCommand::Show { id, detectors } => show(id, detectors),
        DetectorsCommand::Test { dir } => test(dir.as_deref()),
        DetectorsCommand::Import(args) => import::run(args),
    }
}

fn list(args: &ListArgs) -> anyhow::Result<Exit> {
    let mut pages = pack::book(&args.detectors)?.pages;
    if let Some(provider) = &args.provider
        && !pages.iter().any(|page| page.provider == *provider)
    {
        let pack = pack::load(&args.detectors, &[])?;
        let hint = pack::nearest(&pack, provider)
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        bail!("there is no provider `{}`{hint}", printable(provider));
    }
    pages.retain(|page| {
        args.provider.as_ref().is_none_or(|provider| page.provider == *provider)
            && args.severity.is_none_or(|level| page.severity == level)
            && args.category.is_none_or(|category| page.category == category)
            && (!args.verifiable || page.verify.is_automatic())
    });
    let mut out = io::BufWriter::new(anstream::stdout());
    if args.format == ListFormat::Json {
        let all: Vec<_> = pages
            .iter()
            .map(|page| {
                json!({
                    "id": page.id,
                    "name": page.name,
                    "provider": page.provider,
                    "category": page.category.id(),
                    "severity": severity(page.severity),
                    "verifiable": page.verify.is_automatic(),
                })
            })
            .collect();
        serde_json::to_writer_pretty(&mut out, &all)?;
        writeln!(out)?;
        out.flush()?;
        return Ok(Exit::Clean);
    }
    pages.sort_by(|a, b| a.provider.cmp(&b.provider).then(a.id.cmp(&b.id)));
    let width = pages.iter().map(|page| page.id.len()).max().unwrap_or(0);
    for page in &pages {
        let colour = style::severity(page.severity);
        let live = if page.verify.is_automatic() { "live" } else { "" };
        writeln!(
            out,
            "{:<width$}  {colour}{:<8}{colour:#}  {GOOD}{live:<4}{GOOD:#}  {}",
            page.id,
            severity(page.severity),
            printable(&page.name)
        )?;
    }
    let providers: std::collections::BTreeSet<&str> =
        pages.iter().map(|page| page.provider.as_str()).collect();
    writeln!(
        out,
        "{FAINT}{} of {}; `live` have a live check. `stanch detectors show ID` tells more.{FAINT:#}",
        count(pages.len() as u64, "detector", "detectors"),
        count(providers.len() as u64, "provider", "providers")
    )?;
    out.flush()?;
    Ok(Exit::Clean)
}

fn show(id: &str, dirs: &[PathBuf]) -> anyhow::Result<Exit> {
    let sources = pack::sources(dirs)?;
    let (source, detector) = pack::detector(&sources, id)?;
    let mut out = io::BufWriter::new(anstream::stdout());
    describe(&mut out, source, detector)?;
    out.flush()?;
    Ok(Exit::Clean)
}

fn describe(out: &mut dyn Write, source: &Source, detector: &Detector) -> io::Result<()> {
    let file = &source.content;
    let provider = &file.provider;
    let colour = style::severity(detector.severity);
    writeln!(
        out,
        "{STRONG}{}{STRONG:#} {FAINT}({}){FAINT:#}  {colour}{}{colour:#}",
        printable(&detector.name),
        detector.id,
        severity(detector.severity)
    )?;
    wrapped(out, "", &detector.risk)?;
    let mut row = |label: &str, value: Option<&str>| match value {
        Some(value) if !value.is_empty() => wrapped(out, &format!("{label}: "), value),
        _ => Ok(()),
    };
    row("provider", Some(&format!("{} ({})", provider.name, provider.id)))?;
    row("category", Some(provider.category.name()))?;
    row("vendor's page", detector.docs.as_deref().or(provider.docs.as_deref()))?;
    row("made at", detector.create.as_deref().or(provider.create.as_deref()))?;
    row("usual variable", detector.env.as_deref())?;
    row("needs beside it", detector.needs.as_deref())?;
    row("defined in", Some(&source.file))?;

    writeln!(out, "\n{STRONG}How it is recognised{STRONG:#}")?;
    for line in words::recognition(detector) {
        wrapped(out, &format!("{}: ", line.label), &line.text)?;
    }
    if let Some(pattern) = &detector.pattern {
        wrapped(out, "pattern: ", pattern)?;
    }

    writeln!(out, "\n{STRONG}What can be done{STRONG:#}")?;
    for (label, own, of_provider) in [
        ("live check", &detector.verify, &provider.verify),
        ("revoke", &detector.revoke, &provider.revoke),
        ("access log", &detector.access_log, &provider.access_log),
    ] {
        action(out, label, own.as_ref().or(of_provider.as_ref()), file)?;
    }
    if !provider.hosts.is_empty() {
        wrapped(out, "requests go to: ", &provider.hosts.join(", "))?;
    }
    for (name, var) in &provider.vars {
        let env = var.env.as_deref().map_or_else(String::new, |env| format!(", or ${env}"));
        wrapped(out, &format!("{{{name}}}: "), &format!("{}{env}", var.default))?;
    }
    leak(out, &detector.runbook.over(&provider.runbook), &detector.id)?;
    if !detector.matches.is_empty() {
        writeln!(out, "\n{STRONG}Examples{STRONG:#} {FAINT}({{sample}} is the value){FAINT:#}")?;
        for (mark, example) in detector
            .matches
            .iter()
            .map(|example| ("found:", example))
            .chain(detector.rejects.iter().map(|example| ("ignored:", example)))
        {
            for (at, line) in example.lines().enumerate() {
                let mark = if at == 0 { mark } else { "" };
                writeln!(out, "    {FAINT}{mark:<8}{FAINT:#} {}", printable(line))?;
            }
        }
    }
    Ok(())
}

/// The runbook in short.
fn leak(out: &mut dyn Write, runbook: &Runbook, id: &str) -> io::Result<()> {
    let plain = |text: &str| text.replace('`', "");
    writeln!(out, "\n{STRONG}If it leaks{STRONG:#}")?;
    if let Some(first) = runbook.first {
        let why = runbook.why.as_deref().map_or_else(String::new, |why| format!(". {why}"));
        wrapped(out, "first: ", &format!("{}{}", words::first(first), plain(&why)))?;
    }
    for (at, step) in runbook.revoke.iter().enumerate() {
        wrapped(out, &format!("{}. ", at + 1), &plain(step))?;
    }
    wrapped(out, "everything: ", &format!("stanch explain {id}"))
}

fn action(
    out: &mut dyn Write,
    label: &str,
    action: Option<&Action>,
    file: &ProviderFile,
) -> io::Result<()> {
    let label = format!("{label}: ");
    match action {
        None => wrapped(out, &label, "not known"),
        Some(Action::None { none }) => wrapped(out, &label, &format!("not possible: {none}")),
        Some(Action::Handler { handler }) => wrapped(out, &label, &format!("built in ({handler})")),
        Some(Action::Page { page, how }) => wrapped(out, &label, &format!("{how} {page}")),
        Some(Action::Request(name)) => match file.request.get(name) {
            Some(asked) => {
                wrapped(out, &label, &format!("{} {}", asked.method, asked.url))?;
                request(out, asked)
            }
            None => wrapped(out, &label, name),
        },
    }
}

fn request(out: &mut dyn Write, request: &Request) -> io::Result<()> {
    for (name, value) in &request.headers {
        writeln!(out, "      {}: {}", printable(name), printable(value))?;
    }
    if let Some(basic) = &request.basic {
        let login = format!("{}:{}", basic.user, basic.password);
        writeln!(out, "      Basic login: {}", printable(&login))?;
    }
    if let Some(body) = &request.body {
        writeln!(out, "      {}", printable(body))?;
    }
    for rule in &request.verdict {
        let is = match rule.is {
            Verdict::Live => "live",
            Verdict::Dead => "dead",
        };
        let body = rule.body.as_ref().map_or_else(String::new, |b| format!(" with `{b}`"));
        writeln!(out, "      {FAINT}→{FAINT:#} {}{}: {is}", rule.status, printable(&body))?;
    }
    Ok(())
}

fn test(dir: Option<&Path>) -> anyhow::Result<Exit> {
    let built_in = pack::built_in();
    let own = dir.map(pack::read).transpose()?;
    let tested = own.as_deref().unwrap_or(&built_in);
    let all: Vec<Source> = match &own {
        Some(own) => built_in.iter().chain(own).cloned().collect(),
        None => built_in.clone(),
    };
    // User files run beside the built-in ones, as they do in a scan.
    let bench = Bench::new(&all)?;
    let mut out = io::BufWriter::new(anstream::stdout());
    let (mut examples, mut failures) = (0, 0);
    for source in tested {
        for detector in &source.content.detectors {
            let found = detector.matches.iter().map(|t| (t, bench.finds(detector, t), "matches"));
            let passed = detector.rejects.iter().map(|t| (t, bench.passes(detector, t), "rejects"));
            for (template, outcome, list) in found.chain(passed) {
                examples += 1;
                let Err(reason) = outcome else { continue };
                failures += 1;
                writeln!(out, "{STRONG}{}{STRONG:#} {list}: {template:?}", detector.id)?;
                for line in reason.lines() {
                    writeln!(out, "    {}", printable(line))?;
                }
            }
        }
    }
    let examples = count(examples, "example", "examples");
    let detectors = tested.iter().map(|s| s.content.detectors.len() as u64).sum();
    let detectors = count(detectors, "detector", "detectors");
    if failures == 0 {
        writeln!(out, "{GOOD}All {examples} of {detectors} pass.{GOOD:#}")?;
    } else {
        let style = style::ERROR;
        writeln!(out, "{style}{failures} of {examples} of {detectors} fail.{style:#}")?;
    }
    out.flush()?;
    Ok(if failures == 0 { Exit::Clean } else { Exit::Findings })
}
