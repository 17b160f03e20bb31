//! CyberArk Conjur.
//!
//! <https://github.com/cyberark/conjur-openapi-spec>

use reqwest::{Method, Url};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::error::{Error, Problem};
use crate::http::{Answer, Call, Http, base, below, query};
use crate::manager::{Abilities, Held, Manager, Reply, Version, skipped};
use crate::settings::{self, Settings};
use crate::tls::{self, Tls};
use crate::{Address, Kind, Value};

const KIND: Kind = Kind::Conjur;

/// Variables that are asked for at once.
const PAGE: usize = 500;

/// Pages that are asked for at most.
const PAGES: usize = 200;

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    if at.field.is_some() {
        return Err("a variable has no fields; leave out what follows `#`".to_owned());
    }
    if at.path.contains([':', '"', '\\']) {
        return Err("a variable's id has no `:`, `\"` or `\\`".to_owned());
    }
    Ok(())
}

pub(crate) struct Conjur {
    http: Http,
    base: Url,
    account: String,
    login: String,
    key: Key,
    token: OnceCell<Value>,
}

enum Key {
    Api(Value),
    Password(Value),
    /// A token that somebody else fetched, such as the Kubernetes sidecar.
    Token(Value),
}

impl Conjur {
    pub(super) fn open(settings: &Settings) -> Result<Conjur, Error> {
        let base = base(KIND, settings, &["CONJUR_APPLIANCE_URL"], None)?;
        let given = settings.account.clone();
        let Some(account) = given.or_else(|| settings.var(&["CONJUR_ACCOUNT"])) else {
            return Err(Error::setting(KIND, "CONJUR_ACCOUNT or --account", "is not set"));
        };
        let mut tls = Tls::default();
        if let Some(pem) = settings.var(&["CONJUR_SSL_CERTIFICATE"]) {
            tls.only = tls::certificates(KIND, "CONJUR_SSL_CERTIFICATE", pem.as_bytes())?;
        } else if let Some(path) = settings.var(&["CONJUR_CERT_FILE"]) {
            tls.only = tls::file(KIND, path.as_ref())?;
        }
        let token = match settings.var(&["CONJUR_AUTHN_TOKEN_FILE"]) {
            Some(path) => Some(settings::trimmed(KIND, path.as_ref())?),
            None => settings.secret(&["CONJUR_AUTHN_TOKEN"]),
        };
        let key = if let Some(token) = token {
            Key::Token(token)
        } else if let Some(key) = settings.secret(&["CONJUR_AUTHN_API_KEY"]) {
            Key::Api(key)
        } else if let Some(password) = settings.secret(&["CONJUR_AUTHN_PASSWORD"]) {
            Key::Password(password)
        } else {
            let name = "CONJUR_AUTHN_API_KEY";
            return Err(Error::setting(KIND, name, "is not set in the environment"));
        };
        let login = settings.var(&["CONJUR_AUTHN_LOGIN"]);
        let login = match (&key, login) {
            (_, Some(login)) => login,
            (Key::Token(_), None) => String::new(),
            _ => return Err(Error::setting(KIND, "CONJUR_AUTHN_LOGIN", "is not set")),
        };
        let http = Http::new(KIND, settings, &base, tls)?;
        Ok(Conjur { http, base, account, login, key, token: OnceCell::new() })
    }

    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        let token = self.token.get_or_try_init(|| self.log_in()).await?;
        self.http.send(call.credential(KIND, "authorization", "", token)?).await
    }

    /// The header's value. Tokens live for some minutes, which is longer than
    /// any command.
    async fn log_in(&self) -> Result<Value, Error> {
        let encoded = |token: &[u8]| {
            let token = data_encoding::BASE64.encode(token);
            Value::new(format!("Token token=\"{token}\"").into_bytes())
        };
        let key = match &self.key {
            Key::Token(token) if token.expose().trim_ascii_start().starts_with(b"{") => {
                return Ok(encoded(token.expose()));
            }
            Key::Token(token) => {
                let text = token.text().unwrap_or_default().trim();
                return Ok(Value::new(format!("Token token=\"{text}\"").into_bytes()));
            }
            Key::Api(key) => key.clone(),
            Key::Password(password) => {
                let pair = [self.login.as_bytes(), b":", password.expose()].concat();
                let basic = Value::new(data_encoding::BASE64.encode(&pair).into_bytes());
                let call = Call::get(below(&self.base, &["authn", &self.account, "login"]));
                let call = call.credential(KIND, "authorization", "Basic ", &basic)?;
                let answer = self.http.send(call).await?.ok()?;
                Value::new(answer.body.to_vec())
            }
        };
        let url = below(&self.base, &["authn", &self.account, &self.login, "authenticate"]);
        let body = Zeroizing::new(key.expose().to_vec());
        let answer = self.http.send(Call::new(Method::POST, url).body("text/plain", body)).await?;
        let answer = answer.ok()?;
        if answer.json().is_err() {
            return Err(answer.unexpected("no access token"));
        }
        Ok(encoded(&answer.body))
    }

    fn url(&self, kind: &[&str], id: &str) -> Url {
        let mut segments = kind.to_vec();
        segments.insert(1, &self.account);
        segments.push(id);
        below(&self.base, &segments)
    }

    /// Whether there is such a variable, and its newest version.
    async fn version(&self, id: &str) -> Result<Option<Vec<u64>>, Error> {
        let answer = self.ask(Call::get(self.url(&["resources", "variable"], id))).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        let answer = answer.ok()?;
        let json = answer.json()?;
        let all = json.array("/secrets").iter();
        let mut all: Vec<u64> = all.filter_map(|it| it.get("version")?.as_u64()).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Some(all))
    }

    /// Makes the variable by a policy that only adds to what there is.
    async fn create(&self, id: &str) -> Result<(), Error> {
        let parts: Vec<&str> = id.split('/').collect();
        // The deepest policy that exists is where the new ones go.
        let mut known = parts.len() - 1;
        while known > 0 {
            let branch = parts.get(..known).unwrap_or_default().join("/");
            let url = self.url(&["resources", "policy"], &branch);
            let answer = self.ask(Call::get(url)).await?;
            if answer.status != 404 {
                answer.ok()?;
                break;
            }
            known -= 1;
        }
        let branch = match known {
            0 => "root".to_owned(),
            _ => parts.get(..known).unwrap_or_default().join("/"),
        };
        let body = policy(parts.get(known..).unwrap_or_default());
        let url = self.url(&["policies", "policy"], &branch);
        let call = Call::write(Method::POST, url);
        let body = Zeroizing::new(body.into_bytes());
        let answer = self.ask(call.body("application/x-yaml", body)).await?;
        if answer.status == 403 || answer.status == 404 {
            return Err(answer.error(Problem::Forbidden).advise(format!(
                "the variable {id} does not exist, and {} may not add it to the policy {branch}; \
                 have somebody who may load `- !variable {id}`",
                self.login
            )));
        }
        answer.ok().map(drop)
    }
}

/// A policy with the variable that these parts name.
fn policy(parts: &[&str]) -> String {
    let mut out = String::new();
    for (depth, part) in parts.iter().enumerate() {
        let pad = "  ".repeat(depth);
        // `fit` rules out what would end the quotes.
        out.push_str(&if depth + 1 == parts.len() {
            format!("{pad}- !variable \"{part}\"\n")
        } else {
            format!("{pad}- !policy\n{pad}  id: \"{part}\"\n{pad}  body:\n")
        });
    }
    out
}

impl Manager for Conjur {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: true, versions: true, check_and_set: false }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            let Some(versions) = self.version(&at.path).await? else { return Ok(Held::default()) };
            let newest = versions.first().map(u64::to_string);
            let mut url = self.url(&["secrets", "variable"], &at.path);
            if let Some(version) = version {
                url = query(url, &[("version", version)]);
            }
            let answer = self.ask(Call::get(url).header("accept", "*/*")).await?;
            // The variable is there and has no value, or not this version.
            if answer.status == 404 {
                return Ok(Held { version: newest, ..Held::default() });
            }
            let answer = answer.ok()?;
            Ok(Held {
                value: Some(Value::new(answer.body.to_vec())),
                exists: true,
                version: version.map(str::to_owned).or(newest),
                changed: None,
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
            match self.version(&at.path).await? {
                None => self.create(&at.path).await?,
                Some(versions) => {
                    let found = versions.first().map(u64::to_string);
                    if found != before.version {
                        let expected = before.version.clone();
                        let problem = Problem::Conflict { expected, found };
                        return Err(Error::new(KIND, at.to_string(), problem));
                    }
                }
            }
            let url = self.url(&["secrets", "variable"], &at.path);
            let body = Zeroizing::new(value.expose().to_vec());
            let call = Call::write(Method::POST, url).body("application/octet-stream", body);
            self.ask(call).await?.ok()?;
            Ok(None)
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let mut found = Vec::new();
            let base = self::below(&self.base, &["resources", &self.account, "variable"]);
            for page in 0..PAGES {
                let (limit, offset) = (PAGE.to_string(), (page * PAGE).to_string());
                let url = query(base.clone(), &[("limit", &limit), ("offset", &offset)]);
                let answer = self.ask(Call::get(url)).await?.ok()?;
                let json = answer.json()?;
                let ids = json.array("").iter().filter_map(|it| it.get("id")?.as_str());
                for id in ids {
                    // ACCOUNT:variable:ID
                    let id = id.splitn(3, ':').nth(2).unwrap_or(id);
                    let below = below.trim_matches('/');
                    let inside = id.strip_prefix(below);
                    if below.is_empty() || inside.is_some_and(|it| it.starts_with('/')) {
                        found.push(format!("{}:{id}", KIND.id()));
                    }
                }
                if json.array("").len() < PAGE {
                    break;
                }
            }
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, at: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async move {
            let Some(all) = self.version(&at.path).await? else {
                return Err(Error::new(KIND, at.to_string(), Problem::NotFound));
            };
            let label = |at: usize| if at == 0 { vec!["current".to_owned()] } else { Vec::new() };
            let all = all.iter().enumerate();
            Ok(all
                .map(|(at, id)| Version { id: id.to_string(), created: None, labels: label(at) })
                .collect())
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
