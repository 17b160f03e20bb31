//! Doppler.
//!
//! <https://docs.doppler.com/reference/secrets-update>

use reqwest::{Method, Url};
use serde_json::json;

use super::{made_of, text, unsupported};
use crate::error::{Error, Problem};
use crate::http::{Answer, Call, Http, base, below, query};
use crate::manager::{Abilities, Held, Manager, Reply, Version};
use crate::tls::Tls;
use crate::{Address, Kind, Settings, Value};

const KIND: Kind = Kind::Doppler;

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    let Some(name) = &at.field else {
        return Err("the secret's name is missing; write PROJECT/CONFIG#NAME".to_owned());
    };
    let upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    if !name.bytes().all(upper) || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("a secret's name has only capital letters, digits and `_`".to_owned());
    }
    match at.parts::<2>() {
        Some(parts) if parts.iter().all(|part| made_of(part, b"-_.")) => Ok(()),
        _ => Err("write PROJECT/CONFIG#NAME, such as backend/prd#AZURE_DEVOPS_PAT".to_owned()),
    }
}

pub(crate) struct Doppler {
    http: Http,
    base: Url,
    token: Value,
}

impl Doppler {
    pub(super) fn open(settings: &Settings) -> Result<Doppler, Error> {
        let usual = "https://api.doppler.com";
        let base = base(KIND, settings, &["DOPPLER_API_HOST"], Some(usual))?;
        let http = Http::new(KIND, settings, &base, Tls::default())?;
        Ok(Doppler { http, base, token: settings.needed(KIND, &["DOPPLER_TOKEN"])? })
    }

    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        self.http.send(call.bearer(KIND, &self.token)?).await
    }

    fn url(&self, more: &[&str]) -> Url {
        let mut segments = vec!["v3", "configs", "config"];
        segments.extend(more);
        below(&self.base, &segments)
    }
}

impl Manager for Doppler {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: true, versions: false, check_and_set: true }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            if version.is_some() {
                return Err(unsupported(
                    KIND,
                    "Doppler shows older versions only in its dashboard",
                ));
            }
            let [project, config] = names(at)?;
            let pairs = [("project", project), ("config", config), ("name", at.name())];
            let answer = self.ask(Call::get(query(self.url(&["secret"]), &pairs))).await?;
            if answer.status == 404 {
                answer.json()?;
                if answer.says("roject") || answer.says("onfig") {
                    return Err(answer.error(Problem::NotFound).advise(
                        "the project or config does not exist, or the token may not see it",
                    ));
                }
                return Ok(Held::default());
            }
            let answer = answer.ok()?;
            let json = answer.json()?;
            if json.pointer("/value").is_none() {
                return Err(answer.unexpected("no value"));
            }
            // A restricted secret has no value that is shown.
            let value = json.value("/value/raw");
            Ok(Held { value, exists: true, version: None, changed: None })
        })
    }

    fn write<'a>(
        &'a self,
        at: &'a Address,
        value: &'a Value,
        before: &'a Held,
    ) -> Reply<'a, Option<String>> {
        Box::pin(async move {
            let [project, config] = names(at)?;
            let mut change = serde_json::Map::new();
            change.insert("name".to_owned(), json!(at.name()));
            change.insert("value".to_owned(), json!(text(at, value)?));
            let original = before.exists.then(|| at.name());
            change.insert("originalName".to_owned(), json!(original));
            // The change is only made if the value is still this one.
            if let Some(then) = before.value.as_ref().and_then(Value::text) {
                change.insert("originalValue".to_owned(), json!(then));
            }
            let body = json!({ "project": project, "config": config, "change_requests": [change] });
            let call = Call::write(Method::POST, self.url(&["secrets"])).json(body);
            self.ask(call).await?.ok()?;
            Ok(None)
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let path = below.trim_matches('/');
            let Some((project, config)) = path.split_once('/') else {
                let what = "name the config: PROJECT/CONFIG".to_owned();
                return Err(Error::new(KIND, path, Problem::Unfit(what)));
            };
            let pairs = [("project", project), ("config", config)];
            let url = query(self.url(&["secrets", "names"]), &pairs);
            let answer = self.ask(Call::get(url)).await?.ok()?;
            let json = answer.json()?;
            let names = json.array("/names").iter().filter_map(|name| name.as_str());
            let mut found: Vec<String> =
                names.map(|name| format!("{}:{path}#{name}", KIND.id())).collect();
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, _: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async {
            Err(unsupported(KIND, "Doppler shows older versions only in its dashboard"))
        })
    }
}

fn names(at: &Address) -> Result<[&str; 2], Error> {
    let what = "write PROJECT/CONFIG#NAME".to_owned();
    at.parts().ok_or_else(|| Error::new(KIND, at.to_string(), Problem::Unfit(what)))
}
