//! `stanch secret`: values go into secrets managers and are looked at there.

pub(crate) mod connection;
mod show;

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use stanch_live::{Address, Kind, Value};

use crate::exit::Exit;
use crate::find;
use connection::Connection;

/// The largest value, in bytes; no manager takes a larger one.
const LARGEST: u64 = 1 << 20;

/// `stanch secret`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    stanch secret put vault:secret/azure-devops/pat < pat.txt\n  \
    stanch secret put aws:azure-devops/pat --finding src/app.py:12\n  \
    stanch secret get vault:secret/azure-devops/pat#api_key\n  \
    stanch secret versions aws:azure-devops/pat\n  \
    stanch secret list --manager github acme/shop\n\n\
    Credentials come from the variables and files that each manager's own tools use, and \
    never from arguments; docs/managers.md names them.\n\
    Exit codes: 0 done, 2 failed.")]
pub(crate) struct SecretArgs {
    /// What to do.
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Debug, Subcommand)]
enum SecretCommand {
    /// Store a value, from standard input or from a finding
    Put(PutArgs),
    /// Say what is stored; show it only with --reveal
    Get(GetArgs),
    /// Name what is stored
    List(ListArgs),
    /// Name the versions of a secret
    Versions(VersionsArgs),
}

/// Where a secret is.
#[derive(Debug, Args)]
struct Place {
    /// Where: MANAGER:PATH[#FIELD], such as vault:secret/azure-devops/pat#api_key
    #[arg(value_name = "ADDRESS")]
    address: String,

    /// The manager, if the address does not name it
    #[arg(long, value_name = "ID", value_parser = manager)]
    manager: Option<Kind>,
}

impl Place {
    fn address(&self) -> Result<Address, stanch_live::Error> {
        match self.manager {
            Some(kind) => Address::new(kind, &self.address),
            None => Address::parse(&self.address),
        }
    }
}

#[derive(Debug, Args)]
struct PutArgs {
    #[command(flatten)]
    place: Place,

    /// Take the value of this finding: a fingerprint or PATH:LINE
    #[arg(long, value_name = "FINGERPRINT|PATH:LINE")]
    finding: Option<String>,

    /// Keep a line break at the end of what is read from standard input
    #[arg(long, conflicts_with = "finding")]
    keep_newline: bool,

    /// Write only over this version; `none` if there must be no secret yet
    #[arg(long, value_name = "VERSION")]
    expect: Option<String>,

    #[command(flatten)]
    connection: Connection,

    /// How to say what was done
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Args)]
struct GetArgs {
    #[command(flatten)]
    place: Place,

    /// An older version
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,

    /// Print the value itself
    #[arg(long)]
    reveal: bool,

    #[command(flatten)]
    connection: Connection,

    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Below what: a mount, a project, a repository, …
    #[arg(value_name = "PATH", default_value = "")]
    below: String,

    /// The manager, if the path does not name it
    #[arg(long, value_name = "ID", value_parser = manager)]
    manager: Option<Kind>,

    #[command(flatten)]
    connection: Connection,

    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Args)]
struct VersionsArgs {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    connection: Connection,

    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How answers are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Human,
    /// One object or array
    Json,
}

/// Runs the command.
pub(crate) fn run(args: &SecretArgs) -> anyhow::Result<Exit> {
    match &args.command {
        SecretCommand::Put(args) => put(args),
        SecretCommand::Get(args) => get(args),
        SecretCommand::List(args) => list(args),
        SecretCommand::Versions(args) => versions(args),
    }
}

fn put(args: &PutArgs) -> anyhow::Result<Exit> {
    let at = args.place.address()?;
    let value = match &args.finding {
        Some(which) => of_finding(which)?,
        None => of_input(args.keep_newline)?,
    };
    let manager = stanch_live::open(at.manager, &args.connection.settings(), Some(&at))?;
    let stored = stanch_live::store(&*manager, &at, &value, args.expect.as_deref());
    let stored = stanch_live::wait(stored)??;
    show::stored(&stored, args.format)?;
    Ok(Exit::Clean)
}

fn get(args: &GetArgs) -> anyhow::Result<Exit> {
    let at = args.place.address()?;
    let manager = stanch_live::open(at.manager, &args.connection.settings(), Some(&at))?;
    let held = stanch_live::fetch(&*manager, &at, args.version.as_deref());
    let held = stanch_live::wait(held)??;
    if !args.reveal {
        show::held(&at, &held, args.format)?;
    } else if let Some(value) = &held.value {
        show::revealed(&at, &held, value, args.format)?;
    } else {
        bail!("{at}: {} shows its values to nobody; there is nothing to reveal", at.manager);
    }
    Ok(Exit::Clean)
}

fn list(args: &ListArgs) -> anyhow::Result<Exit> {
    let named = args.below.split_once(':').and_then(|(id, rest)| Some((Kind::from_id(id)?, rest)));
    let (kind, below) = match (args.manager, named) {
        (Some(kind), Some((named, rest))) if kind == named => (kind, rest),
        (Some(kind), _) => (kind, args.below.as_str()),
        (None, Some((kind, rest))) => (kind, rest),
        (None, None) => bail!(
            "name the manager: `stanch secret list --manager ID {}`; managers are {}",
            args.below,
            Kind::ALL.map(Kind::id).join(", ")
        ),
    };
    let manager = stanch_live::open(kind, &args.connection.settings(), None)?;
    show::list(&stanch_live::wait(manager.list(below))??, args.format)?;
    Ok(Exit::Clean)
}

fn versions(args: &VersionsArgs) -> anyhow::Result<Exit> {
    let at = args.place.address()?;
    let manager = stanch_live::open(at.manager, &args.connection.settings(), Some(&at))?;
    show::versions(&stanch_live::wait(manager.versions(&at))??, args.format)?;
    Ok(Exit::Clean)
}

/// The value on standard input. A line break at its end was put there by an
/// editor or by `echo`, unless it is asked for.
fn of_input(keep_newline: bool) -> anyhow::Result<Value> {
    let input = io::stdin();
    if input.is_terminal() {
        let hint = "Type or paste the value, then Enter and Ctrl-D. It is shown as you type; a \
                    pipe or `< FILE` is safer.";
        crate::complain(hint);
    }
    let mut bytes = Vec::with_capacity(64 << 10);
    let read = input.lock().take(LARGEST + 1).read_to_end(&mut bytes);
    if !keep_newline {
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    let value = Value::new(bytes);
    read.context("cannot read the value from standard input")?;
    if value.expose().is_empty() {
        bail!("there is no value on standard input; give it as in `stanch secret put … < FILE`");
    }
    if value.expose().len() as u64 > LARGEST {
        bail!("the value on standard input is larger than 1 MiB, which no manager takes");
    }
    Ok(value)
}

/// The value of a finding, which may be reported in several places.
fn of_finding(which: &str) -> anyhow::Result<Value> {
    let found = find::findings(&[which.to_owned()], Path::new("."))?;
    let Some(first) = found.first() else { bail!("{which}: nothing is found there now") };
    if let Some(other) = found.iter().find(|it| it.fingerprint != first.fingerprint) {
        bail!(
            "{which}: there are several secrets ({} and {}, among others); name one by its \
             fingerprint",
            first.fingerprint,
            other.fingerprint
        );
    }
    let value = first.secret.expose();
    Ok(match std::str::from_utf8(value) {
        Ok(_) => Value::new(value.to_vec()),
        // A store of keys stands in the code as base64, and not every manager
        // keeps bytes that are no text.
        Err(_) => Value::new(data_encoding::BASE64.encode(value).into_bytes()),
    })
}

fn manager(text: &str) -> Result<Kind, String> {
    Kind::from_id(text).ok_or_else(|| format!("there is {}", Kind::ALL.map(Kind::id).join(", ")))
}
