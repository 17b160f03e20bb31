//! Files of build servers.

use tree_sitter::Node;

use super::yaml::{NOT_ALONE, Work, pair_of, removal, value_of};
use crate::rewrite::Kind;
use crate::rewrite::code::is_variable;
use crate::rewrite::code::snippets::in_breaks;
use crate::rewrite::code::tree;

/// Keys whose values are scripts.
const SCRIPTS: &[&str] = &[
    "script",
    "before_script",
    "after_script",
    "bash",
    "run",
    "command",
    "commands",
    "after-script",
];

/// GitHub Actions.
pub(super) fn actions(work: &mut Work<'_, '_>) -> Result<(), String> {
    let first = work.scalar.keys.first().map(String::as_str).unwrap_or_default();
    if work.doc.text.contains("using: composite")
        || work.doc.text.contains("using: \"composite\"")
        || first == "inputs"
    {
        return Err(
            "An action cannot read secrets. Make it an input, and let the workflow that uses \
                    it hand over ${{ secrets.NAME }}."
                .to_owned(),
        );
    }
    if matches!(first, "on" | "true" | "name" | "run-name" | "permissions" | "concurrency")
        || work.key() == "if"
        || work.key() == "name"
        || work.has_key("outputs")
    {
        return Err(
            "Secrets cannot be read in this place of a workflow. Delete it here.".to_owned()
        );
    }
    if work.key() == "run" {
        let step = mapping(work.scalar.pair).ok_or(NOT_ALONE)?;
        only_posix(work, step)?;
        let run = work.scalar.pair.ok_or(NOT_ALONE)?;
        let variables = work.script()?;
        let entries: Vec<(String, String)> = variables
            .into_iter()
            .map(|variable| {
                let secret = stored_in_github(&variable);
                (variable, format!("${{{{ secrets.{secret} }}}}"))
            })
            .collect();
        environment(work, step, run, &entries)?;
        return note_github(work);
    }
    let mut edits = Vec::new();
    for spot in work.spots {
        let variable = work.variable(spot);
        let secret = stored_in_github(&variable);
        edits.push((spot.span.clone(), format!("${{{{ secrets.{secret} }}}}")));
        work.draft.change(spot, Kind::Reference, work.doc.options.reference(&secret));
    }
    work.put(edits)?;
    note_github(work)
}

fn note_github(work: &mut Work<'_, '_>) -> Result<(), String> {
    work.draft.note(
        "Set the secret in the settings of the repository, under Secrets and variables, Actions.",
    );
    Ok(())
}

/// Names of secrets cannot begin with `GITHUB_`.
fn stored_in_github(variable: &str) -> String {
    match variable.strip_prefix("GITHUB_") {
        Some(rest) => format!("GH_{rest}"),
        None => variable.to_owned(),
    }
}

/// GitLab CI.
pub(super) fn gitlab(work: &mut Work<'_, '_>) -> Result<(), String> {
    let in_variables =
        work.scalar.keys.iter().rev().nth(1).is_some_and(|above| above == "variables");
    if in_variables && work.is_whole() {
        // Whoever reads it asks for it by this name already.
        let key = work.key().to_owned();
        work.remove_pair()?;
        for spot in work.spots {
            work.draft.change(spot, Kind::Removal, work.doc.options.reference(&key));
        }
        work.draft.note(format!(
            "Set {key} as a masked and protected variable in the settings of the project, under CI/CD; \
             jobs see it by the same name."
        ));
        return Ok(());
    }
    if work.has_key("variables") && matches!(work.key(), "value" | "description" | "options") {
        return Err("The variable is described in full here. Delete its value, and set it in the \
                    settings of the project, under CI/CD."
            .to_owned());
    }
    if SCRIPTS.contains(&work.key()) {
        work.script()?;
    } else {
        work.in_place("$", "")?;
        braced(work);
    }
    work.draft.note(
        "Set the variable in the settings of the project, under CI/CD, masked and protected.",
    );
    Ok(())
}

/// `$NAME` runs into a letter behind it; `${NAME}` does not.
fn braced(work: &mut Work<'_, '_>) {
    for edit in &mut work.draft.edits {
        let next = work.doc.slice(edit.span.end..work.doc.text.len()).chars().next();
        let is_ours = work.spots.iter().any(|spot| spot.span == edit.span);
        if is_ours && next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            edit.text = format!("${{{}}}", edit.text.trim_start_matches('$'));
        }
    }
}

/// Azure Pipelines.
pub(super) fn azure(work: &mut Work<'_, '_>) -> Result<(), String> {
    let note = "Set it as a secret variable of the pipeline or in a variable group; if it is a \
                personal access token for the same organisation, use $(System.AccessToken) instead.";
    let above = work.scalar.keys.iter().rev().nth(1).cloned().unwrap_or_default();
    if work.has_key("variables") && work.is_whole() {
        let mapping = mapping(work.scalar.pair).ok_or(NOT_ALONE)?;
        let (key, node) = if above == "variables" && work.key() != "value" {
            (work.key().to_owned(), work.scalar.pair.ok_or(NOT_ALONE)?)
        } else {
            let name = pair_of(work.doc, mapping, "name").map(|pair| value_of(work.doc, pair));
            let name = name.ok_or(NOT_ALONE)?.trim_matches(['"', '\'']).to_owned();
            (name, tree::around(mapping, &["block_sequence_item"]).ok_or(NOT_ALONE)?)
        };
        // A secret variable reaches no script that does not ask for it.
        let upper = key.to_ascii_uppercase().replace(['.', '-'], "_");
        let read = [
            format!("${upper}"),
            format!("${{{upper}"),
            format!("$env:{upper}"),
            format!("%{upper}%"),
        ];
        let text = work.doc.text.to_ascii_uppercase();
        if read.iter().any(|name| text.contains(&name.to_ascii_uppercase())) {
            return Err(format!(
                "Scripts here read {key} from their environment, and a secret variable is not put \
                 there by itself. Give each of these steps `env: {upper}: $({key})`, delete the \
                 entry, and set {key} as a secret variable of the pipeline."
            ));
        }
        let span = removal(work.doc, node).ok_or(NOT_ALONE)?;
        work.draft.edit(span, "");
        for spot in work.spots {
            work.draft.change(spot, Kind::Removal, work.doc.options.reference(&key));
        }
        work.draft.note(note);
        return Ok(());
    }
    if work.has_key("parameters") && work.key() == "default" {
        return Err(
            "Defaults of parameters cannot be secret. Delete the default, and use a secret \
                    variable of the pipeline instead."
                .to_owned(),
        );
    }
    if matches!(work.key(), "pwsh" | "powershell") {
        return Err("The secret stands in a script of PowerShell. Give the step `env: NAME: \
                    $(NAME)`, and write $env:NAME there."
            .to_owned());
    }
    if matches!(work.key(), "script" | "bash") && above != "inputs" {
        let step = mapping(work.scalar.pair).ok_or(NOT_ALONE)?;
        if work.key() == "script" && work.doc.text.to_ascii_lowercase().contains("windows") {
            return Err(
                "The script may run on Windows, where cmd reads it. Give the step `env: NAME: \
                        $(NAME)`, and write %NAME% there."
                    .to_owned(),
            );
        }
        let run = work.scalar.pair.ok_or(NOT_ALONE)?;
        let variables = work.script()?;
        let entries: Vec<(String, String)> = variables
            .into_iter()
            .map(|variable| (variable.clone(), format!("$({variable})")))
            .collect();
        after(work, step, run, &entries)?;
        work.draft.note(note);
        return Ok(());
    }
    work.in_place("$(", ")")?;
    work.draft.note(note);
    Ok(())
}

/// Bitbucket Pipelines.
pub(super) fn bitbucket(work: &mut Work<'_, '_>) -> Result<(), String> {
    if !SCRIPTS.contains(&work.key())
        && !work.has_key("variables")
        && !work.has_key("image")
        && !work.has_key("environment")
    {
        return Err(
            "Variables cannot be read in this place of the pipeline. Delete it here.".to_owned()
        );
    }
    if SCRIPTS.contains(&work.key()) {
        work.script()?;
    } else {
        work.in_place("$", "")?;
        braced(work);
    }
    work.draft.note("Set it as a secured variable in the settings of the repository.");
    Ok(())
}

/// CircleCI.
pub(super) fn circle(work: &mut Work<'_, '_>) -> Result<(), String> {
    if work.key() == "run" || work.key() == "command" {
        work.script()?;
        work.draft.note("Set the variable in the settings of the project, or in a context.");
        return Ok(());
    }
    if work.has_key("auth") {
        work.in_place("$", "")?;
        return Ok(());
    }
    Err("An `environment:` of CircleCI takes no variables. Delete the entry, and set it in the \
         settings of the project or in a context; jobs see it by the same name."
        .to_owned())
}

/// Drone and Woodpecker.
pub(super) fn drone(work: &mut Work<'_, '_>) -> Result<(), String> {
    if SCRIPTS.contains(&work.key()) || !work.is_whole() || work.scalar.in_flow {
        return Err("Give the step `environment: NAME: from_secret: name`, and write $NAME here."
            .to_owned());
    }
    if !work.has_key("environment") && !work.has_key("settings") {
        return Err(
            "Secrets cannot be read in this place of the pipeline. Delete it here.".to_owned()
        );
    }
    let (Some(pair), [spot]) = (work.scalar.pair, work.spots) else {
        return Err(NOT_ALONE.to_owned());
    };
    let variable = work.variable(spot);
    let column = " ".repeat(column(work, pair));
    let name = variable.to_ascii_lowercase();
    let text = in_breaks(work.doc, &format!("\n{column}  from_secret: {name}"));
    let key = pair.child_by_field_name("key").map_or(pair.start_byte(), |key| key.end_byte());
    work.draft.edit(key + 1..work.scalar.node.end_byte(), text);
    work.draft.change(spot, Kind::Reference, work.doc.options.reference(&variable));
    Ok(())
}

/// The mapping that a pair stands in.
fn mapping(pair: Option<Node<'_>>) -> Option<Node<'_>> {
    pair.and_then(|pair| pair.parent()).filter(|mapping| mapping.kind() == "block_mapping")
}

fn column(work: &Work<'_, '_>, node: Node<'_>) -> usize {
    let line = work.doc.line(node.start_byte());
    work.doc.slice(line.start..node.start_byte()).trim_start_matches('\u{feff}').chars().count()
}

/// Refuses steps whose script no POSIX shell reads.
fn only_posix(work: &Work<'_, '_>, step: Node<'_>) -> Result<(), String> {
    let shell = pair_of(work.doc, step, "shell").map(|pair| value_of(work.doc, pair));
    let shell = shell.map(|shell| shell.trim_matches(['"', '\'']).to_owned());
    let is_windows = work.doc.text.contains("windows-") && shell.is_none();
    match shell.as_deref() {
        None | Some("bash" | "sh") if !is_windows => Ok(()),
        _ => Err(
            "The script is not one of a POSIX shell, or may run on Windows. Give the step `env: \
                  NAME: ${{ secrets.NAME }}`, and read the variable there in its own way."
                .to_owned(),
        ),
    }
}

/// Gives a step variables: into its `env`, or a new one before the script.
fn environment(
    work: &mut Work<'_, '_>,
    step: Node<'_>,
    run: Node<'_>,
    entries: &[(String, String)],
) -> Result<(), String> {
    if existing(work, step, entries)? {
        return Ok(());
    }
    let column = " ".repeat(column(work, run));
    let at = run.start_byte();
    let text = format!("{}\n{column}", block(&column, entries));
    work.draft.edit(at..at, in_breaks(work.doc, &text));
    Ok(())
}

/// `env:` with its lines, for a step at this column.
fn block(column: &str, entries: &[(String, String)]) -> String {
    let lines = entries.iter().map(|(name, value)| format!("\n{column}  {name}: {value}"));
    format!("env:{}", lines.collect::<String>())
}

/// The same, behind the script, for steps that are known by their first key.
fn after(
    work: &mut Work<'_, '_>,
    step: Node<'_>,
    run: Node<'_>,
    entries: &[(String, String)],
) -> Result<(), String> {
    if existing(work, step, entries)? {
        return Ok(());
    }
    let column = " ".repeat(column(work, run));
    let lines = block(&column, entries);
    let last = work.doc.slice(run.byte_range()).trim_end().len();
    let line = work.doc.line(run.start_byte() + last);
    let at = work.doc.next_line(line.end);
    let ends = work.doc.slice(0..at).ends_with('\n');
    let text = if ends { format!("{column}{lines}\n") } else { format!("\n{column}{lines}") };
    work.draft.edit(at..at, in_breaks(work.doc, &text));
    Ok(())
}

/// Puts variables into an `env` that is there.
fn existing(
    work: &mut Work<'_, '_>,
    step: Node<'_>,
    entries: &[(String, String)],
) -> Result<bool, String> {
    let Some(env) = pair_of(work.doc, step, "env") else { return Ok(false) };
    let block = tree::all(env).find(|node| node.kind() == "block_mapping");
    let Some((block, first)) = block.and_then(|block| Some((block, block.named_child(0)?))) else {
        return Err(
            "The step has an `env` on one line. Write each variable on a line of its own, \
                    and run this again."
                .to_owned(),
        );
    };
    let column = " ".repeat(column(work, first));
    let mut text = String::new();
    for (name, value) in entries {
        match pair_of(work.doc, block, name) {
            Some(known) if value_of(work.doc, known) == value => {}
            Some(_) => {
                return Err(format!(
                    "The step has a variable {name} with another value. Rename it, and run this again."
                ));
            }
            None => text.push_str(&format!("{name}: {value}\n{column}")),
        }
    }
    debug_assert!(entries.iter().all(|(name, _)| is_variable(name)));
    let at = first.start_byte();
    if !text.is_empty() {
        work.draft.edit(at..at, in_breaks(work.doc, &text));
    }
    Ok(true)
}
