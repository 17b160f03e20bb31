//! `stanch snippet`: code that reads a secret from where it belongs.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde_json::json;
use stanch_remedy::snippet::{self, Snippet};
use stanch_remedy::{Language, Manager, Reference};
use stanch_rules::schema::Detector;
use stanch_scan::printable;

use crate::exit::Exit;
use crate::pack;
use crate::report::style::{FAINT, STRONG};

/// `stanch snippet`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    stanch snippet azure-devops-pat                       what there is\n  \
    stanch snippet azure-devops-pat --manager vault --language python\n  \
    stanch snippet github-pat-classic -m aws -l go --path ci/github --field token\n  \
    stanch snippet stripe-secret-key -m env -l java --format json")]
pub(crate) struct SnippetArgs {
    /// The detector of the secret, by id
    #[arg(value_name = "DETECTOR")]
    detector: String,
    /// Where the program reads the secret from
    #[arg(long, short, value_name = "MANAGER")]
    manager: Option<Manager>,
    /// What the program is written in
    #[arg(long, short, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// The secret's path or name in the manager [default: from the detector]
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// The field below that path, where the manager has fields; an empty one
    /// for a secret of AWS that is no JSON object
    #[arg(long, value_name = "FIELD", default_value = "api_key")]
    field: String,
    /// The environment variable [default: from the detector]
    #[arg(long, value_name = "NAME")]
    variable: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    /// Detector files of your own, beside the built-in ones
    #[arg(long, value_name = "DIR")]
    detectors: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Runs the command.
pub(crate) fn run(args: &SnippetArgs) -> anyhow::Result<Exit> {
    let sources = pack::sources(&args.detectors)?;
    let (source, detector) = pack::detector(&sources, &args.detector)?;
    let reference = reference(args, &source.content.provider.id, detector);
    if !snippet::is_plain(&reference) {
        bail!(
            "a name is not fit for code: the variable is of letters, digits and `_`, path and field \
             of letters, digits and `/ _ + = . @ -`"
        );
    }
    let mut out = io::BufWriter::new(anstream::stdout());
    match (args.language, args.manager) {
        (Some(language), Some(manager)) => {
            let snippet = snippet::snippet(language, manager, &reference).with_context(|| {
                format!("there is no snippet for {} and {}", language.name(), manager.name())
            })?;
            match args.format {
                Format::Text => text(&mut out, detector, &snippet)?,
                Format::Json => {
                    serde_json::to_writer_pretty(
                        &mut out,
                        &as_json(detector, &reference, &snippet),
                    )?;
                    writeln!(out)?;
                }
            }
        }
        _ => list(&mut out, args, detector, &reference)?,
    }
    out.flush()?;
    Ok(Exit::Clean)
}

/// What a secret of this detector is called where nothing else is said.
fn reference(args: &SnippetArgs, provider: &str, detector: &Detector) -> Reference {
    let variable = args.variable.clone().or_else(|| detector.env.clone());
    let variable = variable.unwrap_or_else(|| detector.id.replace('-', "_").to_ascii_uppercase());
    let path = args.path.clone().unwrap_or_else(|| {
        let rest = detector.id.strip_prefix(provider).and_then(|rest| rest.strip_prefix('-'));
        format!("{provider}/{}", rest.unwrap_or(&detector.id))
    });
    let field = Some(args.field.clone()).filter(|field| !field.is_empty());
    Reference { variable, path: path.trim_matches('/').to_owned(), field }
}

/// What there is, for who has not chosen yet.
fn list(
    out: &mut dyn Write,
    args: &SnippetArgs,
    detector: &Detector,
    reference: &Reference,
) -> anyhow::Result<()> {
    if args.format == Format::Json {
        let all = json!({
            "detector": detector.id,
            "variable": reference.variable,
            "path": reference.path,
            "field": reference.field,
            "managers": Manager::ALL.map(|m| json!({ "id": m.id(), "name": m.name() })),
            "languages": Language::ALL.map(|l| json!({ "id": l.id(), "name": l.name() })),
        });
        serde_json::to_writer_pretty(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(());
    }
    let name = printable(&detector.name);
    writeln!(out, "{STRONG}{name}{STRONG:#} {FAINT}({}){FAINT:#}\n", detector.id)?;
    writeln!(out, "Managers (--manager):")?;
    for manager in Manager::ALL {
        writeln!(out, "  {:<12}{}", manager.id(), manager.name())?;
    }
    writeln!(out, "\nLanguages (--language):")?;
    for language in Language::ALL {
        writeln!(out, "  {:<12}{}", language.id(), language.name())?;
    }
    let manager = args.manager.map_or("vault", Manager::id);
    let language = args.language.map_or("python", Language::id);
    writeln!(
        out,
        "\nNext: stanch snippet {} --manager {manager} --language {language}",
        detector.id
    )?;
    Ok(())
}

fn text(out: &mut dyn Write, detector: &Detector, snippet: &Snippet) -> io::Result<()> {
    let comment = match snippet.language {
        Language::Python | Language::Ruby | Language::Shell | Language::PowerShell => "#",
        _ => "//",
    };
    let program = snippet.program();
    // Some files must begin with a line of their own.
    let (first, rest) = match program.split_once('\n') {
        Some((first, rest)) if first.starts_with("#!") || first == "<?php" => (Some(first), rest),
        _ => (None, program.as_str()),
    };
    if let Some(first) = first {
        writeln!(out, "{first}")?;
    }
    let name = printable(&detector.name);
    writeln!(out, "{comment} {name}, read from: {}.", snippet.manager.name())?;
    for dependency in &snippet.dependencies {
        writeln!(out, "{comment} Needs: {}", dependency.install())?;
    }
    for note in &snippet.notes {
        writeln!(out, "{comment} {note}")?;
    }
    if !rest.starts_with('\n') {
        writeln!(out)?;
    }
    write!(out, "{rest}")
}

fn as_json(detector: &Detector, reference: &Reference, snippet: &Snippet) -> serde_json::Value {
    let needs: Vec<_> = snippet
        .dependencies
        .iter()
        .map(|d| {
            json!({
                "manager": d.manager, "name": d.name, "version": d.version, "install": d.install(),
            })
        })
        .collect();
    json!({
        "detector": detector.id,
        "language": snippet.language.id(),
        "manager": snippet.manager.id(),
        "variable": reference.variable,
        "path": reference.path,
        "field": reference.field,
        "imports": snippet.imports,
        "function": snippet.function,
        "expression": snippet.expression,
        "async": snippet.is_async,
        "needs": needs,
        "notes": snippet.notes,
        "program": snippet.program(),
    })
}
