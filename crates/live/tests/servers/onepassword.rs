//! 1Password Connect, after
//! <https://developer.1password.com/docs/connect/api-reference>.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json as j};

use super::{Answer, Asked, Clock, Served, json, random, serve};

pub(crate) const VAULT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

pub(crate) struct OnePassword {
    pub(crate) served: Served,
    pub(crate) state: Arc<Mutex<State>>,
}

pub(crate) struct State {
    pub(crate) token: String,
    /// By id.
    pub(crate) items: BTreeMap<String, Value>,
    clock: Clock,
}

impl OnePassword {
    pub(crate) fn start() -> OnePassword {
        let (items, clock) = (BTreeMap::new(), Clock::default());
        let state = Arc::new(Mutex::new(State { token: random(40), items, clock }));
        OnePassword { served: serve(&state, handle), state }
    }
}

impl State {
    /// Sets a field of the item with a title, as somebody else would.
    pub(crate) fn put(&mut self, title: &str, label: &str, value: &str) {
        let id = self.items.iter().find(|(_, it)| it["title"] == title).map(|(id, _)| id.clone());
        let id = id.unwrap_or_else(|| {
            let item = j!({
                "title": title, "vault": { "id": VAULT }, "category": "API_CREDENTIAL",
                "fields": [], "version": 0,
            });
            self.add(item)
        });
        let item = self.items.get_mut(&id).unwrap();
        item["version"] = j!(item["version"].as_u64().unwrap() + 1);
        let fields = item["fields"].as_array_mut().unwrap();
        match fields.iter_mut().find(|it| it["label"] == label) {
            Some(field) => field["value"] = j!(value),
            None => fields.push(j!({
                "id": field_id(), "label": label, "type": "CONCEALED", "value": value,
            })),
        }
    }

    pub(crate) fn get(&self, title: &str, label: &str) -> Option<String> {
        let item = self.items.values().find(|it| it["title"] == title)?;
        let field = item["fields"].as_array()?.iter().find(|it| it["label"] == label)?;
        Some(field["value"].as_str()?.to_owned())
    }

    fn add(&mut self, mut item: Value) -> String {
        let id = field_id();
        item["id"] = j!(id);
        self.items.insert(id.clone(), item);
        id
    }
}

fn field_id() -> String {
    random(26).to_ascii_lowercase()
}

fn handle(state: &mut State, asked: &Asked) -> Answer {
    let (method, path) = asked.path();
    if asked.header("authorization") != format!("Bearer {}", state.token) {
        return error(401, "Invalid token signature");
    }
    let filter = asked.asks("filter");
    let named =
        |field: &str, name: &str| filter.is_empty() || filter == format!("{field} eq \"{name}\"");
    match (method, &path[..]) {
        ("GET", ["v1", "vaults"]) => {
            let all = if named("name", "Team A") {
                j!([{ "id": VAULT, "name": "Team A" }])
            } else {
                j!([])
            };
            json(200, all)
        }
        ("GET", ["v1", "vaults", VAULT, "items"]) => {
            let mut all: Vec<Value> = state
                .items
                .values()
                .filter(|it| named("title", it["title"].as_str().unwrap()))
                .cloned()
                .collect();
            // A list tells nothing of the fields.
            all.iter_mut().for_each(|it| drop(it.as_object_mut().unwrap().remove("fields")));
            json(200, j!(all))
        }
        ("GET", ["v1", "vaults", VAULT, "items", id]) => match state.items.get(*id) {
            Some(item) => json(200, item.clone()),
            None => error(404, "Item not found"),
        },
        ("POST", ["v1", "vaults", VAULT, "items"]) => {
            let Some(mut item) = asked.json() else { return error(400, "Invalid JSON") };
            let fits = item["vault"]["id"] == VAULT && item["category"].is_string();
            let Some(fields) = item["fields"].as_array_mut().filter(|_| fits) else {
                return error(400, "Validation: an item needs a vault and a category");
            };
            for field in fields {
                field["id"] = j!(field_id());
            }
            item["version"] = j!(1);
            item["updatedAt"] = j!(state.clock.stamp());
            let id = state.add(item);
            json(200, state.items[&id].clone())
        }
        ("PATCH", ["v1", "vaults", VAULT, "items", id]) => {
            let Some(changes) = asked.json() else { return error(400, "Invalid JSON") };
            let Some(item) = state.items.get_mut(*id) else { return error(404, "Item not found") };
            for change in changes.as_array().into_iter().flatten() {
                if !apply(item, change) {
                    return error(400, "Couldn't apply the patch");
                }
            }
            item["version"] = j!(item["version"].as_u64().unwrap() + 1);
            item["updatedAt"] = j!(state.clock.stamp());
            json(200, item.clone())
        }
        ("GET" | "POST", ["v1", "vaults", ..]) => error(403, "Unauthorized access"),
        _ => error(404, "Not found"),
    }
}

/// The one kind of JSON Patch that Connect knows: fields by their id.
fn apply(item: &mut Value, change: &Value) -> bool {
    let fields = item["fields"].as_array_mut().unwrap();
    let path: Vec<&str> = change["path"].as_str().unwrap_or_default().split('/').collect();
    match (change["op"].as_str(), &path[..]) {
        (Some("add"), ["", "fields"]) => {
            let mut field = change["value"].clone();
            field["id"] = j!(field_id());
            fields.push(field);
            true
        }
        (Some("replace"), ["", "fields", id, "value"]) => {
            let field = fields.iter_mut().find(|it| it["id"] == *id);
            field.map(|field| field["value"] = change["value"].clone()).is_some()
        }
        _ => false,
    }
}

fn error(status: u16, message: &str) -> Answer {
    json(status, j!({ "status": status, "message": message }))
}
