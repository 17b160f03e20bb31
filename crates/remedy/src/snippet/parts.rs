//! Taking a source file apart at its marks.

use super::Dependency;

/// A source file in its parts.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) imports: String,
    pub(super) function: String,
    pub(super) expression: String,
    pub(super) whole: Option<String>,
    pub(super) is_async: bool,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) notes: Vec<String>,
    /// The program without marks, up to its use, and from there.
    pub(super) before: String,
    pub(super) usage: String,
    pub(super) after: String,
}

/// What a line belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Section {
    Imports,
    Function,
    Use,
    Other,
}

impl Parts {
    /// None if a mark is missing or unknown, which a test rules out.
    pub(super) fn read(source: &str) -> Option<Parts> {
        let mut parts = Parts::default();
        let (mut section, mut used) = (Section::Other, false);
        let (mut imports, mut function) = (Vec::new(), Vec::new());
        for line in source.lines() {
            if let Some((name, text)) = mark(line) {
                section = parts.mark(section, name, text)?;
                used |= section == Section::Use;
                continue;
            }
            match section {
                Section::Imports => imports.push(line),
                Section::Function => function.push(line),
                Section::Use => parts.usage.push_str(&format!("{line}\n")),
                Section::Other => {}
            }
            let program = match (section, used) {
                (Section::Use, _) => continue,
                (_, false) => &mut parts.before,
                (_, true) => &mut parts.after,
            };
            // What stood between two marks may leave more than one empty line.
            if line.is_empty() && (program.is_empty() || program.ends_with("\n\n\n")) {
                continue;
            }
            program.push_str(line);
            program.push('\n');
        }
        parts.imports = without_indent(&imports);
        parts.function = without_indent(&function);
        (!parts.expression.is_empty() && used).then_some(parts)
    }

    /// Takes in a mark; the section that follows it.
    fn mark(&mut self, section: Section, name: &str, text: &str) -> Option<Section> {
        match name {
            "imports" => return Some(Section::Imports),
            "function" => return Some(Section::Function),
            "use" => return Some(Section::Use),
            "/imports" | "/function" | "/use" => return Some(Section::Other),
            "expression" => text.clone_into(&mut self.expression),
            "whole" => self.whole = Some(text.to_owned()),
            "async" => self.is_async = true,
            "note" => self.notes.push(text.to_owned()),
            "needs" => {
                let (manager, rest) = text.split_once(' ')?;
                let (name, version) =
                    if manager == "program" { (rest, "") } else { rest.rsplit_once(' ')? };
                // What no registry here could tell the version of has none.
                let version = if version == "-" { "" } else { version };
                self.dependencies.push(Dependency {
                    manager: manager.to_owned(),
                    name: name.to_owned(),
                    version: version.to_owned(),
                });
            }
            _ => return None,
        }
        Some(section)
    }
}

/// Name and text of a mark, such as `// <needs> npm typescript 5.9.3`.
fn mark(line: &str) -> Option<(&str, &str)> {
    let comment = line.trim_start();
    let comment = comment.strip_prefix("//").or_else(|| comment.strip_prefix('#'))?;
    let (name, text) = comment.trim_start().strip_prefix('<')?.split_once('>')?;
    name.chars().all(|c| c.is_ascii_lowercase() || c == '/').then_some((name, text.trim()))
}

/// Lines without the indentation that they share, and without empty lines
/// around them.
fn without_indent(lines: &[&str]) -> String {
    let indent = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let text: Vec<&str> = lines.iter().map(|line| line.get(indent..).unwrap_or("")).collect();
    let text = text.join("\n").trim_matches('\n').to_owned();
    if text.is_empty() { text } else { text + "\n" }
}
