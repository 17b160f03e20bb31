//! The leak page of a type of secret, bound to the facts of one leak.
//!
//! [`Runbook::new`] puts together what the detector file says
//! ([`stanch_rules::book::Page`]), what is known of the leak ([`Leak`]), and
//! what holds for every leak. The order of its parts is that of a person who
//! has just leaked something. [`render`] makes pages of it, [`site`] a whole
//! knowledge base.

mod cause;
mod checks;
mod find;
mod kind;
mod leak;
mod neighbourhood;
mod notebook;
mod now;
mod past;
pub mod render;
mod sheet;
pub mod site;
mod snippets;
mod supplement;

use serde::Serialize;
use stanch_rules::Severity;
use stanch_rules::book::{Page, Way};
use stanch_rules::schema::{Category, First};

pub use cause::Cause;
pub use checks::{Check, Outcome};
pub use kind::Kind;
pub use leak::{Around, Brought, Fact, History, Leak, Place, Presence};
pub use neighbourhood::{Text, neighbourhood, wanted};
pub use notebook::in_output;
pub use now::Step;
pub use past::CleanUp;
pub use sheet::Sheet;
pub use snippets::{Code, reference};
pub use supplement::{Call, Part, Row, Section, Table};

use crate::{Language, Manager};

/// A leak page. Texts may hold `code` in backticks and no other markup.
#[derive(Debug, Clone, Serialize)]
pub struct Runbook {
    /// What kind of secret it is.
    pub secret: About,
    /// The leak itself; none on the page of a type.
    pub leak: Option<Leak>,
    /// Who holds such a secret, how it is sent, and to what.
    pub usage: Option<String>,
    /// What an attacker does with it, the worst first.
    pub abuse: Vec<String>,
    /// Why it may have leaked.
    pub causes: Vec<Cause>,
    /// What to do first; none where the detector does not say.
    pub first: Option<First>,
    /// Why that first.
    pub why: Option<String>,
    /// What to do now, in order.
    pub now: Vec<Step>,
    /// How to find out whether somebody else has used it.
    pub misuse: Procedure,
    /// How to revoke it.
    pub revoke: Procedure,
    /// Which services will stop working.
    pub breaks: Vec<String>,
    /// How to find them.
    pub find: Vec<Command>,
    /// How to make a better one.
    pub better: Vec<String>,
    /// Good practice, each with its present result.
    pub checks: Vec<Check>,
    /// Code that holds it the right way.
    pub code: Vec<Code>,
    /// How to clean the history.
    pub past: CleanUp,
    /// The page for the first day.
    pub sheet: Sheet,
    /// What only this type of secret has.
    pub parts: Vec<Part>,
}

/// A type of secret.
#[derive(Debug, Clone, Serialize)]
pub struct About {
    /// Detector id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Provider id.
    pub provider: String,
    /// The provider's own name.
    pub provider_name: String,
    /// What kind of service the provider runs.
    pub category: Category,
    /// How serious a leak is.
    pub severity: Severity,
    /// What it opens, and for whom.
    pub risk: String,
    /// The vendor's page about it.
    pub docs: Option<String>,
    /// The page where one is made.
    pub create: Option<String>,
    /// The usual environment variable.
    pub variable: String,
    /// Literals that its values contain.
    pub marks: Vec<String>,
}

/// How something is done at the provider.
#[derive(Debug, Clone, Serialize)]
pub struct Procedure {
    /// By which request or page.
    pub way: Way,
    /// Step by step.
    pub steps: Vec<String>,
}

/// A command that a person can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// What it tells.
    pub what: String,
    /// The command, ready for a POSIX shell.
    pub command: String,
}

/// Which snippets a page shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice {
    /// Only this language.
    pub language: Option<Language>,
    /// Only this manager.
    pub manager: Option<Manager>,
}

impl Runbook {
    /// The page of a type of secret, or of one leak of it.
    pub fn new(page: &Page, leak: Option<Leak>, choice: Choice) -> Runbook {
        let secret = About {
            id: page.id.clone(),
            name: page.name.clone(),
            provider: page.provider.clone(),
            provider_name: page.provider_name.clone(),
            category: page.category,
            severity: page.severity,
            risk: page.risk.clone(),
            docs: page.docs.clone(),
            create: page.create.clone(),
            variable: reference(page).variable,
            marks: page.marks.clone(),
        };
        let words = &page.runbook;
        let filled = |texts: &[String]| {
            texts.iter().map(|text| supplement::fill(text, leak.as_ref())).collect::<Vec<_>>()
        };
        let parts = supplement::parts(&page.id, leak.as_ref());
        let mut find = find::commands(&secret, leak.as_ref());
        find.extend(supplement::commands(&page.id, leak.as_ref()));
        let mut runbook = Runbook {
            usage: words.usage.clone(),
            abuse: words.abuse.clone(),
            causes: cause::causes(leak.as_ref()),
            first: words.first,
            why: words.why.clone(),
            now: Vec::new(),
            misuse: Procedure { way: page.access_log.clone(), steps: filled(&words.check) },
            revoke: Procedure { way: page.revoke.clone(), steps: filled(&words.revoke) },
            breaks: words.breaks.clone(),
            find,
            better: words.better.clone(),
            checks: checks::checks(leak.as_ref()),
            code: snippets::all(page, choice),
            past: past::clean_up(leak.as_ref()),
            sheet: Sheet::default(),
            parts,
            secret,
            leak,
        };
        runbook.now = now::steps(&runbook, &page.verify);
        runbook.sheet = sheet::sheet(&runbook, &page.verify);
        runbook
    }
}

/// A number with its noun.
fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,+@%=".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
