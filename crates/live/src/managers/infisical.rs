//! Infisical.
//!
//! <https://infisical.com/docs/api-reference/overview/introduction>

use reqwest::{Method, Url};
use serde_json::json;
use tokio::sync::OnceCell;

use super::{made_of, text, unsupported};
use crate::error::{Error, Problem, Written};
use crate::http::{Answer, Call, Http, base, below, query};
use crate::manager::{Abilities, Held, Manager, Reply, Version, skipped};
use crate::tls::Tls;
use crate::{Address, Kind, Settings, Value};

const KIND: Kind = Kind::Infisical;

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    let Some(name) = &at.field else {
        return Err(
            "the secret's name is missing; write PROJECT-ID/ENVIRONMENT[/FOLDER]#NAME".to_owned()
        );
    };
    if !made_of(name, b"-_.") {
        return Err("a secret's name has only letters, digits and `-_.`".to_owned());
    }
    if at.path.split('/').count() < 2 || !at.path.split('/').all(|part| made_of(part, b"-_")) {
        return Err("write PROJECT-ID/ENVIRONMENT[/FOLDER]#NAME".to_owned());
    }
    Ok(())
}

pub(crate) struct Infisical {
    http: Http,
    base: Url,
    login: Login,
    token: OnceCell<Value>,
}

enum Login {
    Token(Value),
    Universal { id: Value, secret: Value },
}

/// Where a secret is.
struct Place<'a> {
    project: &'a str,
    environment: &'a str,
    folder: String,
}

impl Infisical {
    pub(super) fn open(settings: &Settings) -> Result<Infisical, Error> {
        let usual = "https://app.infisical.com";
        let mut base = base(KIND, settings, &["INFISICAL_API_URL"], Some(usual))?;
        if !base.path().trim_end_matches('/').ends_with("/api") {
            base = below(&base, &["api"]);
        }
        let login = match settings.secret(&["INFISICAL_TOKEN"]) {
            Some(token) => Login::Token(token),
            None => Login::Universal {
                id: settings.needed(KIND, &["INFISICAL_UNIVERSAL_AUTH_CLIENT_ID"])?,
                secret: settings.needed(KIND, &["INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"])?,
            },
        };
        let http = Http::new(KIND, settings, &base, Tls::default())?;
        Ok(Infisical { http, base, login, token: OnceCell::new() })
    }

    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        let token = self.token.get_or_try_init(|| self.log_in()).await?;
        self.http.send(call.bearer(KIND, token)?).await
    }

    async fn log_in(&self) -> Result<Value, Error> {
        let (id, secret) = match &self.login {
            Login::Token(token) => return Ok(token.clone()),
            Login::Universal { id, secret } => (id, secret),
        };
        let url = below(&self.base, &["v1", "auth", "universal-auth", "login"]);
        let body = json!({ "clientId": id.text(), "clientSecret": secret.text() });
        let answer = self.http.send(Call::new(Method::POST, url).json(body)).await?.ok()?;
        let token = answer.json()?.value("/accessToken");
        token.ok_or_else(|| answer.unexpected("no access token"))
    }

    fn url(&self, place: &Place<'_>, name: Option<&str>) -> Url {
        let mut segments = vec!["v3", "secrets", "raw"];
        segments.extend(name);
        query(
            below(&self.base, &segments),
            &[
                ("workspaceId", place.project),
                ("environment", place.environment),
                ("secretPath", &place.folder),
            ],
        )
    }
}

impl Manager for Infisical {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: true, versions: false, check_and_set: false }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            let mut url = self.url(&place(&at.path)?, Some(at.name()));
            if let Some(version) = version {
                url = query(url, &[("version", version)]);
            }
            let answer = self.ask(Call::get(url)).await?;
            if answer.status == 404 {
                answer.json()?;
                return Ok(Held::default());
            }
            let answer = answer.ok()?;
            let json = answer.json()?;
            let Some(version) = json.scalar("/secret/version") else {
                return Err(answer.unexpected("no version"));
            };
            // A token without the right to read values gets none.
            let hidden = json.pointer("/secret/secretValueHidden") == Some(&json!(true));
            let value = json.value("/secret/secretValue").filter(|_| !hidden);
            Ok(Held {
                value,
                exists: true,
                version: Some(version),
                changed: json.scalar("/secret/updatedAt"),
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
            let place = place(&at.path)?;
            let method = if before.exists { Method::PATCH } else { Method::POST };
            let mut url = self.url(&place, Some(at.name()));
            url.set_query(None);
            let body = json!({
                "workspaceId": place.project,
                "environment": place.environment,
                "secretPath": place.folder,
                "secretValue": text(at, value)?,
                "type": "shared",
            });
            let answer = self.ask(Call::write(method, url).json(body)).await?;
            if answer.status == 400 && answer.says("already exist") {
                return Err(answer.error(Problem::Conflict { expected: None, found: None }));
            }
            let answer = answer.ok()?;
            let json = answer.json()?;
            if json.get("approval").is_some() {
                let what = "the change waits for approval, so the secret is as it was".to_owned();
                return Err(answer
                    .error(Problem::HalfWritten(what))
                    .written(Written::No)
                    .advise("have somebody approve it in Infisical, then put the value again"));
            }
            Ok(json.scalar("/secret/version"))
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let path = below.trim_matches('/');
            let answer = self.ask(Call::get(self.url(&place(path)?, None))).await?.ok()?;
            let json = answer.json()?;
            let names = json.array("/secrets").iter();
            let names = names.filter_map(|it| it.get("secretKey")?.as_str());
            let mut found: Vec<String> =
                names.map(|name| format!("{}:{path}#{name}", KIND.id())).collect();
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, _: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async {
            Err(unsupported(
                KIND,
                "Infisical lists older versions in its dashboard; `stanch secret get --version N` \
                 reads one",
            ))
        })
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

fn place(path: &str) -> Result<Place<'_>, Error> {
    let mut parts = path.splitn(3, '/');
    let (Some(project), Some(environment)) = (parts.next(), parts.next()) else {
        let what = "write PROJECT-ID/ENVIRONMENT[/FOLDER]".to_owned();
        return Err(Error::new(KIND, path, Problem::Unfit(what)));
    };
    let folder = format!("/{}", parts.next().unwrap_or_default());
    Ok(Place { project, environment, folder })
}
