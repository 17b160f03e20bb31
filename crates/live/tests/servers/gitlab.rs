//! The API of GitLab for CI/CD variables, after
//! <https://docs.gitlab.com/api/project_level_variables/>.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json as j};

use super::{Answer, Asked, Served, json, random, serve};

pub(crate) struct GitLab {
    pub(crate) served: Served,
    pub(crate) state: Arc<Mutex<State>>,
}

pub(crate) struct State {
    pub(crate) token: String,
    pub(crate) variables: Vec<Value>,
}

impl GitLab {
    pub(crate) fn start() -> GitLab {
        let state = Arc::new(Mutex::new(State { token: random(26), variables: Vec::new() }));
        GitLab { served: serve(&state, handle), state }
    }
}

impl State {
    pub(crate) fn put(&mut self, key: &str, scope: &str, value: &str) {
        self.variables.retain(|it| it["key"] != key || it["environment_scope"] != scope);
        self.variables.push(j!({
            "variable_type": "env_var", "key": key, "value": value, "protected": false,
            "masked": true, "hidden": false, "raw": true, "environment_scope": scope,
            "description": null,
        }));
    }

    pub(crate) fn get(&self, key: &str, scope: &str) -> Option<&Value> {
        self.variables.iter().find(|it| it["key"] == key && it["environment_scope"] == scope)
    }
}

fn handle(state: &mut State, asked: &Asked) -> Answer {
    let (method, path) = asked.path();
    if asked.header("private-token") != state.token {
        return json(401, j!({ "message": "401 Unauthorized" }));
    }
    let rest = match &path[..] {
        ["api", "v4", "projects", "acme/tools/shop", "variables", rest @ ..] => rest,
        ["api", "v4", "projects", ..] => {
            return json(404, j!({ "message": "404 Project Not Found" }));
        }
        _ => return json(404, j!({ "error": "404 Not Found" })),
    };
    let scope = asked.asks("filter[environment_scope]").to_owned();
    match (method, rest) {
        ("GET", []) => {
            let shown: Vec<Value> = state.variables.iter().map(shown).collect();
            json(200, j!(shown))
        }
        ("GET", [key]) => match state.get(key, &scope) {
            Some(it) => json(200, shown(it)),
            None => json(404, j!({ "message": "404 Variable Not Found" })),
        },
        ("POST", []) => {
            let Some(mut body) = asked.json() else { return json(400, j!({})) };
            let scope = body["environment_scope"].as_str().unwrap_or("*").to_owned();
            let key = body["key"].as_str().unwrap_or_default().to_owned();
            if state.get(&key, &scope).is_some() {
                let said = j!({ "key": [format!("({key}) has already been taken")] });
                return json(400, j!({ "message": said }));
            }
            if body["masked"] == true && !maskable(&body["value"]) {
                return json(400, j!({ "message": { "value": ["is invalid for masked"] } }));
            }
            let hidden = body["masked_and_hidden"] == true;
            body["hidden"] = j!(hidden);
            body["environment_scope"] = j!(scope);
            body.as_object_mut().unwrap().remove("masked_and_hidden");
            state.variables.push(body.clone());
            json(201, shown(&body))
        }
        ("PUT", [key]) => {
            let Some(body) = asked.json() else { return json(400, j!({})) };
            let scope = body["filter"]["environment_scope"].as_str().unwrap_or("*").to_owned();
            let found = state
                .variables
                .iter_mut()
                .find(|it| it["key"] == *key && it["environment_scope"] == scope.as_str());
            let Some(it) = found else {
                return json(404, j!({ "message": "404 Variable Not Found" }));
            };
            if it["masked"] == true && !maskable(&body["value"]) {
                return json(400, j!({ "message": { "value": ["is invalid for masked"] } }));
            }
            it["value"] = body["value"].clone();
            let it = it.clone();
            json(200, shown(&it))
        }
        _ => json(405, j!({ "error": "405 Not Allowed" })),
    }
}

/// Nobody reads a hidden variable.
fn shown(variable: &Value) -> Value {
    let mut shown = variable.clone();
    if shown["hidden"] == true {
        shown["value"] = Value::Null;
    }
    shown
}

fn maskable(value: &Value) -> bool {
    let value = value.as_str().unwrap_or_default();
    value.len() >= 8 && !value.contains(char::is_whitespace)
}
