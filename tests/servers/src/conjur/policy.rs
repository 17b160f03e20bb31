//! The part of Conjur's policy language that makes things and lets roles use
//! them. Anything else is refused, as a mistake would be.

use super::state::{ACCOUNT, State};

/// What a policy made.
#[derive(Default)]
pub(super) struct Loaded {
    /// Roles that are new, by full id, with their API keys.
    pub(super) roles: Vec<(String, String)>,
}

/// A statement: `- !tag name`, or `- !tag` with fields below.
struct Statement {
    tag: String,
    name: String,
    fields: Vec<(String, Vec<String>)>,
    body: Vec<Statement>,
}

/// Lines with their indentation, without comments and blank ones.
type Lines<'a> = std::iter::Peekable<std::vec::IntoIter<(usize, &'a str)>>;

/// Loads a policy below `branch`, which is `root` or the id of a policy.
pub(super) fn load(state: &mut State, branch: &str, text: &str) -> Result<Loaded, String> {
    let lines: Vec<(usize, &str)> = text
        .lines()
        .map(|line| (line.len() - line.trim_start().len(), line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#') && *line != "---")
        .collect();
    let statements = statements(&mut lines.into_iter().peekable())?;
    let mut loaded = Loaded::default();
    let prefix = if branch == "root" { String::new() } else { format!("{branch}/") };
    apply(state, &prefix, &statements, &mut loaded)?;
    Ok(loaded)
}

fn statements(lines: &mut Lines) -> Result<Vec<Statement>, String> {
    let mut all = Vec::new();
    let Some(&(indent, _)) = lines.peek() else { return Ok(all) };
    while let Some(&(at, line)) = lines.peek() {
        if at < indent {
            break;
        }
        let tagged = line.strip_prefix("- !").ok_or_else(|| {
            format!("(<unknown>): did not find expected '-' indicator while parsing at `{line}`")
        })?;
        lines.next();
        let (tag, name) = tagged.split_once(' ').unwrap_or((tagged, ""));
        let mut statement = Statement {
            tag: tag.to_owned(),
            name: plain(name),
            fields: Vec::new(),
            body: Vec::new(),
        };
        while let Some(&(below, line)) = lines.peek() {
            if below <= at {
                break;
            }
            lines.next();
            let (key, value) = line
                .split_once(':')
                .ok_or_else(|| format!("(<unknown>): could not find expected ':' at `{line}`"))?;
            match (key, value.trim()) {
                ("body", "") => statement.body = statements(lines)?,
                (key, "") => {
                    let mut values = Vec::new();
                    while let Some(&(item, line)) = lines.peek() {
                        let Some(value) = line.strip_prefix("- ") else { break };
                        if item < below || item <= at {
                            break;
                        }
                        values.push(plain(value));
                        lines.next();
                    }
                    statement.fields.push((key.to_owned(), values));
                }
                (key, value) => {
                    let list = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
                    let values = match list {
                        Some(list) => list.split(',').map(|item| plain(item.trim())).collect(),
                        None => vec![plain(value)],
                    };
                    statement.fields.push((key.to_owned(), values));
                }
            }
        }
        all.push(statement);
    }
    Ok(all)
}

fn plain(value: &str) -> String {
    value.trim().trim_matches(['"', '\'']).to_owned()
}

impl Statement {
    fn id(&self) -> Result<String, String> {
        let id = match self.fields.iter().find(|(key, _)| key == "id") {
            Some((_, values)) => values.first().cloned().unwrap_or_default(),
            None => self.name.clone(),
        };
        if id.is_empty() { Err(format!("{} has no id", self.tag)) } else { Ok(id) }
    }

    fn values(&self, keys: [&str; 2]) -> impl Iterator<Item = &String> {
        self.fields.iter().filter(move |(key, _)| keys.contains(&key.as_str())).flat_map(|f| &f.1)
    }
}

fn apply(
    state: &mut State,
    prefix: &str,
    statements: &[Statement],
    loaded: &mut Loaded,
) -> Result<(), String> {
    for statement in statements {
        match statement.tag.as_str() {
            "policy" => {
                let id = format!("{prefix}{}", statement.id()?);
                state.policies.entry(id.clone()).or_insert(0);
                apply(state, &format!("{id}/"), &statement.body, loaded)?;
            }
            "variable" => {
                let id = format!("{prefix}{}", statement.id()?);
                state.variables.entry(id).or_default();
            }
            kind @ ("host" | "user") => {
                let id = format!("{prefix}{}", statement.id()?);
                let login = if kind == "host" { format!("host/{id}") } else { id.clone() };
                if !state.keys.contains_key(&login) {
                    let key = state.key(&login);
                    loaded.roles.push((format!("{ACCOUNT}:{kind}:{id}"), key));
                }
            }
            "permit" => {
                let privileges: Vec<&str> =
                    statement.values(["privilege", "privileges"]).map(String::as_str).collect();
                for role in statement.values(["role", "roles"]) {
                    let login = match tagged(role)? {
                        ("host", id) => format!("host/{}", absolute(prefix, id)),
                        (_, id) => absolute(prefix, id),
                    };
                    for resource in statement.values(["resource", "resources"]) {
                        let (_, id) = tagged(resource)?;
                        let id = absolute(prefix, id);
                        if !state.variables.contains_key(&id) {
                            return Err(format!(
                                "Variable '{id}' not found in account '{ACCOUNT}'"
                            ));
                        }
                        state.permit(&login, &id, &privileges);
                    }
                }
            }
            // They make nothing that this server has to know.
            "group" | "layer" | "webservice" | "grant" => {}
            other => return Err(format!("Unrecognized data type '!{other}'")),
        }
    }
    Ok(())
}

/// `!kind id`
fn tagged(text: &str) -> Result<(&str, &str), String> {
    let rest = text.strip_prefix('!').ok_or_else(|| format!("`{text}` has no kind"))?;
    rest.split_once(' ').ok_or_else(|| format!("`{text}` has no id"))
}

/// A leading slash means the root, as everywhere in policies.
fn absolute(prefix: &str, id: &str) -> String {
    let id = id.trim();
    id.strip_prefix('/').map_or_else(|| format!("{prefix}{id}"), str::to_owned)
}
