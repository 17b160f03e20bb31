//! The key-value engines of both versions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::routes::{Answer, error, found};

/// One mounted engine.
pub(super) enum Engine {
    V1(BTreeMap<String, Map<String, Value>>),
    /// Secrets, and whether check-and-set is required of everybody.
    V2(BTreeMap<String, Versioned>, bool),
}

/// A secret of version 2.
pub(super) struct Versioned {
    /// By number, from 1.
    pub(super) versions: Vec<Version>,
    cas_required: bool,
    max_versions: u64,
    custom: Value,
    created: String,
}

pub(super) struct Version {
    /// None if destroyed.
    pub(super) data: Option<Map<String, Value>>,
    created: String,
    /// Empty if not deleted.
    deleted: String,
}

impl Version {
    fn metadata(&self, number: usize, custom: &Value) -> Value {
        json!({
            "created_time": self.created,
            "custom_metadata": custom,
            "deletion_time": self.deleted,
            "destroyed": self.data.is_none(),
            "version": number,
        })
    }
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

impl Versioned {
    pub(super) fn new() -> Versioned {
        Versioned {
            versions: Vec::new(),
            cas_required: false,
            max_versions: 0,
            custom: Value::Null,
            created: now(),
        }
    }

    pub(super) fn write(&mut self, data: Map<String, Value>) -> Value {
        self.versions.push(Version { data: Some(data), created: now(), deleted: String::new() });
        // Ten are kept unless the metadata says otherwise.
        let keep = if self.max_versions == 0 { 10 } else { self.max_versions as usize };
        let old = self.versions.len().saturating_sub(keep);
        for version in self.versions.iter_mut().take(old) {
            version.data = None;
        }
        let last = self.versions.last().expect("one was just written");
        last.metadata(self.versions.len(), &self.custom)
    }

    fn metadata(&self) -> Value {
        let versions: Map<String, Value> = self
            .versions
            .iter()
            .enumerate()
            .map(|(at, version)| {
                let about = json!({
                    "created_time": version.created,
                    "deletion_time": version.deleted,
                    "destroyed": version.data.is_none(),
                });
                ((at + 1).to_string(), about)
            })
            .collect();
        let updated = self.versions.last().map_or(&self.created, |version| &version.created);
        json!({
            "cas_required": self.cas_required,
            "created_time": self.created,
            "current_version": self.versions.len(),
            "custom_metadata": self.custom,
            "delete_version_after": "0s",
            "max_versions": self.max_versions,
            "oldest_version": 0,
            "updated_time": updated,
            "versions": versions,
        })
    }
}

/// A request as far as an engine is concerned.
pub(super) struct Asked<'a> {
    /// `LIST` for both ways to ask for a list.
    pub(super) method: &'a str,
    /// Below the mount.
    pub(super) path: &'a str,
    pub(super) version: Option<usize>,
    pub(super) body: &'a Value,
}

impl Engine {
    pub(super) fn answer(&mut self, asked: &Asked) -> Answer {
        match self {
            Engine::V1(secrets) => v1(secrets, asked),
            Engine::V2(secrets, cas_required) => v2(secrets, *cas_required, asked),
        }
    }

    /// 1 or 2.
    pub(super) fn version(&self) -> &'static str {
        match self {
            Engine::V1(_) => "1",
            Engine::V2(..) => "2",
        }
    }
}

fn v1(secrets: &mut BTreeMap<String, Map<String, Value>>, asked: &Asked) -> Answer {
    let path = asked.path;
    match asked.method {
        "GET" => match secrets.get(path) {
            Some(data) => found(Value::Object(data.clone()), 2_764_800),
            None => error(404, &[]),
        },
        "LIST" => list(secrets.keys(), path),
        "POST" | "PUT" => match asked.body {
            Value::Object(data) if !data.is_empty() => {
                secrets.insert(path.to_owned(), data.clone());
                (204, Value::Null)
            }
            _ => error(400, &["missing data fields"]),
        },
        "DELETE" => {
            secrets.remove(path);
            (204, Value::Null)
        }
        _ => error(405, &["unsupported operation"]),
    }
}

fn v2(secrets: &mut BTreeMap<String, Versioned>, cas_required: bool, asked: &Asked) -> Answer {
    let (kind, path) = asked.path.split_once('/').unwrap_or((asked.path, ""));
    match kind {
        "data" => data(secrets, cas_required, path, asked),
        "metadata" => metadata(secrets, path, asked),
        "delete" | "undelete" | "destroy" => {
            let numbers = asked.body["versions"].as_array().cloned().unwrap_or_default();
            let Some(secret) = secrets.get_mut(path) else { return error(404, &[]) };
            if numbers.is_empty() {
                return error(400, &["No version number provided"]);
            }
            for number in numbers {
                // Numbers come as numbers or as text.
                let number = number.as_u64().or_else(|| number.as_str()?.parse().ok());
                let at = number.and_then(|n| usize::try_from(n).ok()?.checked_sub(1));
                let Some(version) = at.and_then(|at| secret.versions.get_mut(at)) else { continue };
                match kind {
                    "delete" => version.deleted = now(),
                    "undelete" => version.deleted = String::new(),
                    _ => version.data = None,
                }
            }
            (204, Value::Null)
        }
        _ => (
            404,
            json!({
                "request_id": "", "lease_id": "", "renewable": false, "lease_duration": 0,
                "data": null, "wrap_info": null, "auth": null,
                "warnings": ["Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv get' for this operation."],
            }),
        ),
    }
}

fn data(
    secrets: &mut BTreeMap<String, Versioned>,
    cas_required: bool,
    path: &str,
    asked: &Asked,
) -> Answer {
    match asked.method {
        "GET" => {
            let Some(secret) = secrets.get(path) else { return error(404, &[]) };
            let number = asked.version.filter(|n| *n > 0).unwrap_or(secret.versions.len());
            let version = number.checked_sub(1).and_then(|at| secret.versions.get(at));
            let Some(version) = version else { return error(404, &[]) };
            let gone = version.data.is_none() || !version.deleted.is_empty();
            let data = version.data.clone().filter(|_| !gone);
            let metadata = version.metadata(number, &secret.custom);
            let (_, body) = found(json!({ "data": data, "metadata": metadata }), 0);
            (if gone { 404 } else { 200 }, body)
        }
        "POST" | "PUT" | "PATCH" => {
            let Value::Object(new) = &asked.body["data"] else {
                return error(400, &["no data provided"]);
            };
            let current = secrets.get(path).map_or(0, |secret| secret.versions.len());
            let required = cas_required || secrets.get(path).is_some_and(|s| s.cas_required);
            match &asked.body["options"]["cas"] {
                Value::Null if required => {
                    return error(400, &["check-and-set parameter required for this call"]);
                }
                Value::Null => {}
                cas if cas.as_u64() == Some(current as u64) => {}
                _ => {
                    let said = "check-and-set parameter did not match the current version";
                    return error(400, &[said]);
                }
            }
            let mut new = new.clone();
            if asked.method == "PATCH" {
                let Some(old) = secrets.get(path).and_then(|s| s.versions.last()?.data.clone())
                else {
                    return error(404, &[]);
                };
                let mut merged = old;
                merged.extend(new);
                merged.retain(|_, value| !value.is_null());
                new = merged;
            }
            let secret = secrets.entry(path.to_owned()).or_insert_with(Versioned::new);
            found(secret.write(new), 0)
        }
        "DELETE" => {
            if let Some(version) = secrets.get_mut(path).and_then(|s| s.versions.last_mut()) {
                version.deleted = now();
            }
            (204, Value::Null)
        }
        _ => error(405, &["unsupported operation"]),
    }
}

fn metadata(secrets: &mut BTreeMap<String, Versioned>, path: &str, asked: &Asked) -> Answer {
    match asked.method {
        "GET" => match secrets.get(path) {
            Some(secret) => found(secret.metadata(), 0),
            None => error(404, &[]),
        },
        "LIST" => list(secrets.keys(), path),
        "POST" | "PUT" | "PATCH" => {
            let secret = secrets.entry(path.to_owned()).or_insert_with(Versioned::new);
            if let Some(required) = asked.body["cas_required"].as_bool() {
                secret.cas_required = required;
            }
            if let Some(most) = asked.body["max_versions"].as_u64() {
                secret.max_versions = most;
            }
            if asked.body["custom_metadata"].is_object() {
                secret.custom = asked.body["custom_metadata"].clone();
            }
            (204, Value::Null)
        }
        "DELETE" => {
            secrets.remove(path);
            (204, Value::Null)
        }
        _ => error(405, &["unsupported operation"]),
    }
}

/// Names directly below a path; folders end in `/`.
fn list<'a>(names: impl Iterator<Item = &'a String>, path: &str) -> Answer {
    let folder =
        if path.is_empty() || path.ends_with('/') { path.to_owned() } else { format!("{path}/") };
    let mut keys: Vec<String> = names
        .filter_map(|name| name.strip_prefix(&folder))
        .map(|rest| match rest.split_once('/') {
            Some((first, _)) => format!("{first}/"),
            None => rest.to_owned(),
        })
        .collect();
    keys.sort();
    keys.dedup();
    if keys.is_empty() { error(404, &[]) } else { found(json!({ "keys": keys }), 0) }
}
