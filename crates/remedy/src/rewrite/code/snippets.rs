//! What a file needs besides the expressions: imports, functions, items.

use std::collections::BTreeSet;

use tree_sitter::{Node, Tree};

use super::{Expression, tree};
use crate::rewrite::draft::{Doc, Draft};
use crate::snippet::snippet;
use crate::{Language, Manager, Reference};

/// What has to be added to a file, each once.
pub(super) struct Needs {
    language: Language,
    /// Whether the environment is read, and where first.
    pub(super) env: Option<usize>,
    /// Import statements of snippets.
    pub(super) imports: Vec<String>,
    /// Functions of snippets.
    pub(super) functions: Vec<String>,
    /// Where the first expression of a snippet stands.
    pub(super) first: Option<usize>,
    /// Items with the offset that they are to be put near.
    pub(super) items: Vec<(usize, String)>,
}

impl Needs {
    pub(super) fn new(language: Language) -> Needs {
        Needs {
            language,
            env: None,
            imports: Vec::new(),
            functions: Vec::new(),
            first: None,
            items: Vec::new(),
        }
    }

    /// The environment is read here.
    pub(super) fn env(&mut self, node: Node<'_>) {
        self.env.get_or_insert(node.start_byte());
    }

    pub(super) fn item(&mut self, at: usize, text: String) {
        if !self.items.iter().any(|(_, known)| *known == text) {
            self.items.push((at, text));
        }
    }

    /// The expression of a manager's snippet.
    pub(super) fn snippet(
        &mut self,
        doc: &Doc<'_>,
        tree: &Tree,
        node: Node<'_>,
        manager: Manager,
        reference: &Reference,
    ) -> Result<Expression, String> {
        let Some(snippet) = snippet(self.language, manager, reference) else {
            return Err(format!(
                "There is no way to read {} from {} that could be put here. Fix it with `--to env`, \
                 and let {} set the variable.",
                manager.name(),
                self.language.name(),
                manager.name()
            ));
        };
        if snippet.is_async && !is_async(doc, tree, node) {
            return Err(format!(
                "{} is asked asynchronously, and this place cannot wait. Fix it with `--to env`, or \
                 move it into an async function first.",
                manager.name()
            ));
        }
        for line in statements(&snippet.imports) {
            if !self.imports.contains(&line) {
                self.imports.push(line);
            }
        }
        let function = snippet.function.trim_matches('\n').to_owned();
        if !function.is_empty() && !self.functions.contains(&function) {
            self.functions.push(function);
        }
        self.first.get_or_insert(node.start_byte());
        let text = snippet.expression.trim().to_owned();
        let name = text.trim_start_matches("await ").split('(').next().unwrap_or_default();
        let is_own = self.functions.last().is_none_or(|function| has(doc, function));
        if !is_own && doc.text.contains(&format!("{name}(")) {
            return Err(format!(
                "The file has a function {name} of its own, which is not the one that would be put \
                 here. Rename it, or fix it with `--to env`."
            ));
        }
        let tight = !snippet.is_async && !text.starts_with("await ");
        Ok(Expression { text, tight })
    }
}

/// Import statements, one a line, though some of them may go over several.
fn statements(imports: &str) -> Vec<String> {
    imports.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Kinds of nodes that are functions.
const FUNCTIONS: &[&str] = &[
    "function_declaration",
    "function_expression",
    "arrow_function",
    "method_definition",
    "function_definition",
    "function_item",
    "async_block",
    "method_declaration",
    "lambda",
    "lambda_expression",
    "local_function_statement",
    "anonymous_method_expression",
    "generator_function_declaration",
    "generator_function",
    "closure_expression",
    "class_body",
    "declaration_list",
];

/// Whether a place may wait: inside of an asynchronous function, or at the top
/// of a JavaScript module.
fn is_async(doc: &Doc<'_>, tree: &Tree, node: Node<'_>) -> bool {
    let mut at = node.parent();
    let mut below = node;
    while let Some(around) = at {
        if FUNCTIONS.contains(&around.kind()) {
            // Defaults of parameters cannot wait even there.
            let in_parameters = tree::is_field(around, "parameters", below);
            let mut cursor = around.walk();
            let marked = around.children(&mut cursor).take(4).any(|child| {
                child.kind() == "async"
                    || child.kind().contains("modifier")
                        && doc.slice(child.byte_range()).contains("async")
            });
            return marked && !in_parameters;
        }
        below = around;
        at = around.parent();
    }
    let root = tree.root_node();
    let mut cursor = root.walk();
    let has_imports = root
        .named_children(&mut cursor)
        .any(|child| matches!(child.kind(), "import_statement" | "export_statement"));
    root.kind() == "program"
        && (has_imports || doc.path.ends_with(".mjs") || doc.path.ends_with(".mts"))
}

impl Needs {
    /// Imports that the file does not have yet.
    pub(super) fn missing_imports(&self, doc: &Doc<'_>) -> Vec<&String> {
        let known: BTreeSet<&str> = doc.text.lines().map(str::trim_end).collect();
        self.imports.iter().filter(|line| !known.contains(line.as_str())).collect()
    }

    /// Functions that the file does not have yet.
    pub(super) fn missing_functions(&self, doc: &Doc<'_>) -> Vec<&String> {
        self.functions.iter().filter(|function| !has(doc, function)).collect()
    }
}

/// Writes functions at the end of a file, which keeps its last break or the
/// want of one.
pub(super) fn append(doc: &Doc<'_>, functions: &[impl AsRef<str>], draft: &mut Draft) {
    if functions.is_empty() {
        return;
    }
    let ends = doc.text.ends_with('\n');
    let mut text = if ends { String::new() } else { "\n".to_owned() };
    text.extend(functions.iter().map(|function| format!("\n{}\n", function.as_ref())));
    if !ends {
        text.pop();
    }
    let at = doc.text.len();
    draft.edit(at..at, in_breaks(doc, &text));
}

/// Whether a file has a function, wherever it is moved to the right.
pub(super) fn has(doc: &Doc<'_>, function: &str) -> bool {
    let plain =
        |text: &str| -> String { text.lines().map(|line| format!("{}\n", line.trim())).collect() };
    plain(doc.text).contains(&plain(function))
}

/// A text with the file's line breaks.
pub(in crate::rewrite) fn in_breaks(doc: &Doc<'_>, text: &str) -> String {
    if doc.newline == "\n" { text.to_owned() } else { text.replace('\n', doc.newline) }
}
