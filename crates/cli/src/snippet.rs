//! `stanch snippet`: code that reads a secret from where it belongs.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde_json::json;
use stanch_remedy::snippet::{self, Snippet};
use stanch_remedy::{Language, Manager, Reference};
use stanch_rules::load::Source;
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
    manager: Option<String>,
    /// What the program is written in
    #[arg(long, short, value_name = "LANGUAGE")]
    language: Option<String>,
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
    let mut sources = pack::built_in();
    for dir in &args.detectors {
        sources.extend(pack::read(dir)?);
    }
    let (provider, detector) = find(&sources, args)?;
    let manager = args.manager.as_deref().map(manager).transpose()?;
    let language = args.language.as_deref().map(language).transpose()?;
    let reference = reference(args, provider, detector);
    if !snippet::is_plain(&reference) {
        bail!(
            "a name is not fit for code: the variable is of letters, digits and `_`, path and field \
             of letters, digits and `/ _ + = . @ -`"
        );
    }
    let mut out = io::BufWriter::new(anstream::stdout());
    match (language, manager) {
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

/// The detector with the id of its provider.
fn find<'s>(sources: &'s [Source], args: &SnippetArgs) -> anyhow::Result<(&'s str, &'s Detector)> {
    let found = sources.iter().rev().find_map(|source| {
        let detector = source.content.detectors.iter().find(|d| d.id == args.detector)?;
        Some((source.content.provider.id.as_str(), detector))
    });
    let Some(found) = found else {
        let pack = pack::load(&args.detectors, &[])?;
        let hint = pack::nearest(&pack, &args.detector)
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        bail!(
            "there is no detector `{}`{hint}\n  `stanch detectors list` names them all",
            printable(&args.detector)
        );
    };
    Ok(found)
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

fn manager(id: &str) -> anyhow::Result<Manager> {
    let wanted = id.to_ascii_lowercase();
    let known = match wanted.as_str() {
        "aws-secrets-manager" => Some(Manager::AwsSecretsManager),
        "openbao" | "hashicorp-vault" => Some(Manager::Vault),
        "cyberark-conjur" => Some(Manager::Conjur),
        "azure-key-vault" => Some(Manager::AzureKeyVault),
        "gcp-secret-manager" => Some(Manager::GcpSecretManager),
        "k8s" => Some(Manager::Kubernetes),
        id => Manager::from_id(id),
    };
    known.with_context(|| {
        format!(
            "there is no manager `{}`; there are {}",
            printable(id),
            ids(&Manager::ALL.map(Manager::id))
        )
    })
}

fn language(id: &str) -> anyhow::Result<Language> {
    let wanted = id.to_ascii_lowercase();
    let known = match wanted.as_str() {
        "js" | "node" => Some(Language::JavaScript),
        "c#" => Some(Language::CSharp),
        "golang" => Some(Language::Go),
        "bash" => Some(Language::Shell),
        id => Language::from_id(id)
            .or_else(|| Language::ALL.into_iter().find(|language| language.extension() == id)),
    };
    known.with_context(|| {
        format!(
            "there is no language `{}`; there are {}",
            printable(id),
            ids(&Language::ALL.map(Language::id))
        )
    })
}

fn ids(all: &[&str]) -> String {
    all.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
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
    let manager = args.manager.as_deref().unwrap_or("vault");
    let language = args.language.as_deref().unwrap_or("python");
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
