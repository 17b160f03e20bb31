//! 1Password Connect.
//!
//! <https://developer.1password.com/docs/connect/api-reference>

use reqwest::{Method, Url};
use serde_json::json;

use super::{text, unsupported};
use crate::error::{Error, Problem};
use crate::http::{Answer, Call, Http, base, below, query};
use crate::json::Json;
use crate::manager::{Abilities, Held, Manager, Reply, Version, skipped};
use crate::tls::Tls;
use crate::{Address, Kind, Settings, Value};

const KIND: Kind = Kind::OnePassword;

/// The field that is meant if an address names none; that of items of the
/// kind API Credential.
const FIELD: &str = "credential";

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    at.field.get_or_insert_with(|| FIELD.to_owned());
    if at.path.contains(['"', '\\']) {
        return Err("names of vaults and items have no quotes or backslashes here; use the id \
                    instead"
            .to_owned());
    }
    match at.parts::<2>() {
        Some([_, item]) if !item.contains('/') => Ok(()),
        _ => Err("write VAULT/ITEM#FIELD, or op://VAULT/ITEM/FIELD".to_owned()),
    }
}

pub(crate) struct OnePassword {
    http: Http,
    base: Url,
    token: Value,
}

/// An item with what is in it; none of the kind yet.
struct Place {
    vault: String,
    item: Option<Json>,
}

impl OnePassword {
    pub(super) fn open(settings: &Settings) -> Result<OnePassword, Error> {
        let base = base(KIND, settings, &["OP_CONNECT_HOST"], None)?;
        let http = Http::new(KIND, settings, &base, Tls::default())?;
        Ok(OnePassword { http, base, token: settings.needed(KIND, &["OP_CONNECT_TOKEN"])? })
    }

    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        self.http.send(call.bearer(KIND, &self.token)?).await
    }

    /// The id of the one thing with a name; none if there is none.
    async fn id(&self, url: Url, by: &str, name: &str) -> Result<Option<String>, Error> {
        let filter = format!("{by} eq \"{name}\"");
        let answer = self.ask(Call::get(query(url, &[("filter", &filter)]))).await?.ok()?;
        let json = answer.json()?;
        match json.array("") {
            [] => Ok(None),
            [one] => Ok(one.get("id").and_then(|id| id.as_str()).map(str::to_owned)),
            _ => {
                let what = format!("several are named {name}");
                Err(answer.error(Problem::Unfit(what)).advise("use the id instead of the name"))
            }
        }
    }

    async fn vault(&self, name: &str) -> Result<String, Error> {
        if is_id(name) {
            return Ok(name.to_owned());
        }
        let id = self.id(below(&self.base, &["v1", "vaults"]), "name", name).await?;
        id.ok_or_else(|| {
            Error::new(KIND, name, Problem::NotFound)
                .advise("there is no such vault, or the token may not see it")
        })
    }

    async fn place(&self, at: &Address) -> Result<Place, Error> {
        let what = "write VAULT/ITEM#FIELD".to_owned();
        let parts = at.parts();
        let [vault, item] =
            parts.ok_or_else(|| Error::new(KIND, at.to_string(), Problem::Unfit(what)))?;
        let vault = self.vault(vault).await?;
        let items = below(&self.base, &["v1", "vaults", &vault, "items"]);
        let id = match is_id(item) {
            true => Some(item.to_owned()),
            false => self.id(items.clone(), "title", item).await?,
        };
        let Some(id) = id else { return Ok(Place { vault, item: None }) };
        let answer = self.ask(Call::get(below(&items, &[&id]))).await?;
        if answer.status == 404 {
            return Ok(Place { vault, item: None });
        }
        let answer = answer.ok()?;
        let item = answer.json()?;
        if item.text("/id").is_none() {
            return Err(answer.unexpected("no item"));
        }
        Ok(Place { vault, item: Some(item) })
    }
}

impl Place {
    /// The field that is meant, by its label or id.
    fn field(&self, name: &str) -> Option<&serde_json::Value> {
        let fields = self.item.as_ref()?.array("/fields");
        let by = |key: &str| {
            fields.iter().find(|it| it.get(key).and_then(|it| it.as_str()) == Some(name))
        };
        by("label").or_else(|| by("id"))
    }
}

impl Manager for OnePassword {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: true, versions: false, check_and_set: false }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            if version.is_some() {
                return Err(unsupported(KIND, "Connect shows no older versions of an item"));
            }
            let place = self.place(at).await?;
            let value = place.field(at.name()).and_then(|it| it.get("value")?.as_str());
            let value = value.filter(|value| !value.is_empty()).map(Value::from);
            let item = place.item.as_ref();
            Ok(Held {
                exists: value.is_some(),
                value,
                version: item.and_then(|item| item.scalar("/version")),
                changed: item.and_then(|item| item.scalar("/updatedAt")),
            })
        })
    }

    fn write<'a>(
        &'a self,
        at: &'a Address,
        value: &'a Value,
        before: &'a Held,
    ) -> Reply<'a, Option<String>> {
        Box::pin(async move {
            let place = self.place(at).await?;
            let found = place.item.as_ref().and_then(|item| item.scalar("/version"));
            if found != before.version {
                let problem = Problem::Conflict { expected: before.version.clone(), found };
                return Err(Error::new(KIND, at.to_string(), problem));
            }
            let value = text(at, value)?;
            let fresh = json!({ "label": at.name(), "type": "CONCEALED", "value": value });
            let items = ["v1", "vaults", &place.vault, "items"];
            let call = match &place.item {
                None => {
                    let title = at.parts::<2>().map_or("", |[_, item]| item);
                    let body = json!({
                        "vault": { "id": place.vault },
                        "title": title,
                        "category": "API_CREDENTIAL",
                        "fields": [fresh],
                    });
                    Call::write(Method::POST, below(&self.base, &items)).json(body)
                }
                Some(item) => {
                    let id = place.field(at.name()).and_then(|it| it.get("id")?.as_str());
                    let change = match id {
                        Some(id) => {
                            let path = format!("/fields/{id}/value");
                            json!([{ "op": "replace", "path": path, "value": value }])
                        }
                        None => json!([{ "op": "add", "path": "/fields", "value": fresh }]),
                    };
                    let url = below(&self.base, &items);
                    let url = below(&url, &[item.text("/id").unwrap_or_default()]);
                    let body = Json(change);
                    // What it takes is JSON Patch, and the type that it is
                    // sent with plain JSON.
                    Call::write(Method::PATCH, url).body("application/json", body.bytes())
                }
            };
            let answer = self.ask(call).await?.ok()?;
            Ok(answer.json()?.scalar("/version"))
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let vault = below.trim_matches('/');
            let vaults = self::below(&self.base, &["v1", "vaults"]);
            let (url, stem) = match vault {
                "" => (vaults, String::new()),
                name => {
                    let id = self.vault(name).await?;
                    (self::below(&vaults, &[&id, "items"]), format!("{name}/"))
                }
            };
            let answer = self.ask(Call::get(url)).await?.ok()?;
            let json = answer.json()?;
            let name = |it: &serde_json::Value| {
                let name = it.get("title").or_else(|| it.get("name"))?;
                Some(format!("{}:{stem}{}", KIND.id(), name.as_str()?))
            };
            let mut found: Vec<String> = json.array("").iter().filter_map(name).collect();
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, _: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async { Err(unsupported(KIND, "Connect shows no older versions of an item")) })
    }

    fn overtaken<'a>(
        &'a self,
        _: &'a Address,
        before: &'a Held,
        after: &'a Held,
    ) -> Reply<'a, Option<String>> {
        Box::pin(async move { Ok(skipped(before, after)) })
    }
}

/// Ids are 26 small letters and digits.
fn is_id(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}
