//! `stanch explain`: what a leaked secret opens, and what to do now.

mod gather;
mod subject;
mod text;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use stanch_remedy::runbook::{Choice, Runbook, render, site};
use stanch_remedy::{Language, Manager};
use stanch_rules::book::Book;

use self::subject::Subject;
use crate::exit::Exit;
use crate::output::Output;
use crate::pack;
use crate::report::count;

/// `stanch explain`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    stanch explain azure-devops-pat\n  \
    stanch explain src/app.py:12\n  \
    stanch explain 4f1c20aa --output leak.html       a page to hand on\n  \
    stanch explain github-pat-classic --format md\n  \
    stanch explain --all --output leaks/             every page, as a site\n\n\
    Values are never shown, only their masked form. Nothing is sent anywhere.")]
pub(crate) struct ExplainArgs {
    /// A detector's id, a fingerprint or its beginning, or a place
    #[arg(value_name = "DETECTOR|FINGERPRINT|PATH:LINE")]
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    what: Option<String>,

    /// Every type of secret, as a site with a search box
    #[arg(long, requires = "output", conflicts_with_all = ["format", "language", "manager"])]
    all: bool,

    /// How to write it [default: by the ending of the output, else text]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Write it here; with --all, into this folder
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,

    /// Snippets in this language only, such as python or go
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,

    /// Snippets for this manager only, such as env, vault or aws
    #[arg(long, value_name = "MANAGER")]
    manager: Option<Manager>,

    /// Look at the files of today only, not at the whole history
    #[arg(long, conflicts_with = "all")]
    no_history: bool,

    /// Use your own detector files too: every .toml in this folder
    #[arg(long, value_name = "DIR")]
    detectors: Vec<PathBuf>,
}

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What to do now, for a terminal
    Text,
    /// The whole page as Markdown
    #[value(alias = "markdown")]
    Md,
    /// The whole page, which needs nothing else and loads nothing
    Html,
    /// Everything, for programs
    Json,
}

/// Runs the command.
///
/// # Errors
/// What is not known or not found, with what to do next.
pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let book = pack::book(&args.detectors)?;
    if let (true, Some(folder)) = (args.all, &args.output) {
        return whole_site(&book, folder);
    }
    let Some(what) = &args.what else { bail!("give a detector, a fingerprint or PATH:LINE") };
    let past = !args.no_history;
    let (page, leak) = match subject::named(what, &book, &args.detectors, past)? {
        Subject::Type(page) => (page, None),
        Subject::Leak(page, finding) => {
            (page, Some(gather::leak(&finding, &args.detectors, past)?))
        }
    };
    let at = leak.as_ref().and_then(|leak| leak.places.first().or(leak.past.first()));
    let written_in = at.and_then(|place| Language::of(Path::new(&place.path)));
    let choice = Choice { language: args.language, manager: args.manager };
    let runbook = Runbook::new(page, leak, choice);
    let text = match format(args) {
        Format::Html => render::html(&runbook, args.language.or(written_in))?,
        Format::Md => render::markdown(&runbook)?,
        Format::Json => render::json(&runbook)?,
        Format::Text if args.output.is_none() => {
            let mut out = io::BufWriter::new(anstream::stdout());
            text::write(&mut out, &runbook, what)?;
            out.flush()?;
            return Ok(Exit::Clean);
        }
        Format::Text => {
            let mut plain = anstream::StripStream::new(Vec::new());
            text::write(&mut plain, &runbook, what)?;
            String::from_utf8_lossy(&plain.into_inner()).into_owned()
        }
    };
    Output::open(args.output.as_deref(), false)?.put(&text)?;
    Ok(Exit::Clean)
}

fn format(args: &ExplainArgs) -> Format {
    let ending = args.output.as_deref().and_then(Path::extension).and_then(|e| e.to_str());
    args.format.unwrap_or(match ending {
        Some("html" | "htm") => Format::Html,
        Some("md" | "markdown") => Format::Md,
        Some("json") => Format::Json,
        _ => Format::Text,
    })
}

fn whole_site(book: &Book, folder: &Path) -> anyhow::Result<Exit> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for file in site::files(book) {
        let file = file?;
        Output::open(Some(&folder.join(&file.name)), false)?.put(&file.content)?;
    }
    let pages = count(book.pages.len() as u64, "page", "pages");
    writeln!(anstream::stdout(), "{pages}; open {}", folder.join("index.html").display())?;
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};
    use stanch_remedy::runbook::{Leak, Place};

    use super::*;
    use crate::args;

    /// Every command of a page, whichever part of the page it stands in.
    fn commands(runbook: &Runbook) -> Vec<String> {
        let steps = runbook.now.iter().flat_map(|step| &step.commands);
        let all = steps.chain(&runbook.find).chain(&runbook.past.steps);
        all.map(|command| command.command.clone()).collect()
    }

    #[test]
    fn every_command_of_ours_that_a_page_names_is_understood() {
        let book = stanch_detectors::book();
        let page = book.get("azure-devops-pat").unwrap();
        let place = Place {
            path: "src/a.py".into(),
            line: 3,
            column: 1,
            kind: stanch_remedy::runbook::Kind::Source,
            presence: stanch_remedy::runbook::Presence::Tracked,
            encodings: Vec::new(),
            commit: None,
            link: None,
        };
        let leak = Leak {
            fingerprint: "0123456789abcdef0123456789abcdef".into(),
            places: vec![place],
            ..Leak::default()
        };
        let mut seen = 0;
        for leak in [None, Some(leak)] {
            for command in commands(&Runbook::new(page, leak, Choice::default())) {
                let Some(ours) = command.split(" | ").next().filter(|c| c.starts_with("stanch "))
                else {
                    continue;
                };
                let words: Vec<&str> = ours.split(' ').collect();
                let all = args::Args::command();
                let sub = all.find_subcommand(words[1]).unwrap();
                if sub.get_arguments().count() == 0 && !sub.has_subcommands() {
                    continue;
                }
                seen += 1;
                if let Err(error) = args::Args::try_parse_from(&words) {
                    panic!("{ours}: {error}");
                }
            }
        }
        assert!(seen > 5, "{seen}");
    }
}
