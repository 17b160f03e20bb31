//! Secrets of GitHub Actions: of a repository, an environment, or an
//! organisation. Nobody can read them back.
//!
//! <https://docs.github.com/en/rest/actions/secrets>

use crypto_box::PublicKey;
use crypto_box::aead::OsRng;
use reqwest::{Method, Url};
use serde_json::json;

use super::{made_of, unsupported};
use crate::error::{Error, Problem};
use crate::http::{Answer, Call, Http, base, below, query};
use crate::manager::{Abilities, Held, Manager, Reply, Version};
use crate::tls::Tls;
use crate::{Address, Kind, Settings, Value};

const KIND: Kind = Kind::GitHub;

/// The largest value, in bytes.
const LARGEST: usize = 48 << 10;

/// Pages that are asked for at most.
const PAGES: usize = 50;

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    let Some(name) = &at.field else {
        return Err("the secret's name is missing; write OWNER/REPO#NAME".to_owned());
    };
    let bad = name.starts_with(|c: char| c.is_ascii_digit())
        || name.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("github_"));
    if !made_of(name, b"_") || bad {
        return Err("a secret's name has only letters, digits and `_`, and begins neither with a \
                    digit nor with GITHUB_"
            .to_owned());
    }
    let path = at.path.split_once('@').map_or(at.path.as_str(), |(path, _)| path);
    if path.split('/').count() > 2 || !path.split('/').all(|part| made_of(part, b"-_.")) {
        return Err("write OWNER/REPO, OWNER/REPO@ENVIRONMENT or ORGANISATION".to_owned());
    }
    if at.path.contains('@') && !path.contains('/') {
        return Err("an organisation has no environments; write OWNER/REPO@ENVIRONMENT".to_owned());
    }
    Ok(())
}

pub(crate) struct GitHub {
    http: Http,
    base: Url,
    token: Value,
}

impl GitHub {
    pub(super) fn open(settings: &Settings) -> Result<GitHub, Error> {
        let usual = "https://api.github.com";
        let base = base(KIND, settings, &["GITHUB_API_URL"], Some(usual))?;
        let http = Http::new(KIND, settings, &base, Tls::default())?;
        // The token for a server of one's own comes before that for github.com.
        let names: &[&str] = match base.host_str() {
            Some("api.github.com") => &["GH_TOKEN", "GITHUB_TOKEN"],
            _ => &["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"],
        };
        Ok(GitHub { http, base, token: settings.needed(KIND, names)? })
    }

    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        let call = call
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            .bearer(KIND, &self.token)?;
        let answer = self.http.send(call).await?;
        // Its limits are told with 403 as well.
        let exhausted = answer.header("x-ratelimit-remaining") == Some("0");
        if answer.status == 403 && (exhausted || answer.retry_after().is_some()) {
            let reset = answer.header("x-ratelimit-reset").and_then(|it| it.parse::<i64>().ok());
            let wait = reset.map(|at| at - jiff::Timestamp::now().as_second());
            let wait = wait.and_then(|seconds| u64::try_from(seconds).ok());
            let retry_after = answer.retry_after().or(wait);
            return Err(answer.error(Problem::RateLimited { retry_after }));
        }
        Ok(answer)
    }

    /// Where the secrets are that a path means.
    fn url(&self, path: &str, more: &[&str]) -> Url {
        let (path, environment) = match path.split_once('@') {
            Some((path, environment)) => (path, Some(environment)),
            None => (path, None),
        };
        let mut segments = match (path.split_once('/'), environment) {
            (Some((owner, repo)), Some(environment)) => {
                vec!["repos", owner, repo, "environments", environment, "secrets"]
            }
            (Some((owner, repo)), None) => vec!["repos", owner, repo, "actions", "secrets"],
            (None, _) => vec!["orgs", path, "actions", "secrets"],
        };
        segments.extend(more);
        below(&self.base, &segments)
    }

    /// Who may use a secret of an organisation: as before, or private
    /// repositories.
    async fn visibility(&self, at: &Address) -> Result<serde_json::Value, Error> {
        let answer = self.ask(Call::get(self.url(&at.path, &[at.name()]))).await?;
        if answer.status == 404 {
            return Ok(json!({ "visibility": "private" }));
        }
        let answer = answer.ok()?;
        let visibility = answer.json()?.scalar("/visibility");
        let visibility = visibility.ok_or_else(|| answer.unexpected("no visibility"))?;
        if visibility != "selected" {
            return Ok(json!({ "visibility": visibility }));
        }
        let mut ids = Vec::new();
        for page in 1..=PAGES {
            let url = self.url(&at.path, &[at.name(), "repositories"]);
            let url = query(url, &[("per_page", "100"), ("page", &page.to_string())]);
            let answer = self.ask(Call::get(url)).await?.ok()?;
            let json = answer.json()?;
            let found = json.array("/repositories");
            ids.extend(found.iter().filter_map(|it| it.get("id")?.as_u64()));
            if found.len() < 100 {
                break;
            }
        }
        Ok(json!({ "visibility": "selected", "selected_repository_ids": ids }))
    }
}

impl Manager for GitHub {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: false, versions: false, check_and_set: false }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            if version.is_some() {
                return Err(unsupported(KIND, "GitHub keeps no older versions of a secret"));
            }
            let answer = self.ask(Call::get(self.url(&at.path, &[at.name()]))).await?;
            if answer.status == 404 {
                // The same answer stands for a repository that the token may
                // not see; asking for the key, as a write does, tells.
                answer.json()?;
                return Ok(Held::default());
            }
            let answer = answer.ok()?;
            let json = answer.json()?;
            let Some(changed) = json.scalar("/updated_at") else {
                return Err(answer.unexpected("no time"));
            };
            // The time of the last change is all there is of a version.
            let version = Some(changed.clone());
            Ok(Held { value: None, exists: true, version, changed: Some(changed) })
        })
    }

    fn write<'a>(
        &'a self,
        at: &'a Address,
        value: &'a Value,
        before: &'a Held,
    ) -> Reply<'a, Option<String>> {
        Box::pin(async move {
            if value.expose().len() > LARGEST {
                let what = "the value is larger than 48 KB, the most that GitHub takes".to_owned();
                return Err(Error::new(KIND, at.to_string(), Problem::Unfit(what))
                    .advise("store it encrypted in the repository, and the key as the secret"));
            }
            let answer = self.ask(Call::get(self.url(&at.path, &["public-key"]))).await?;
            if answer.status == 404 {
                return Err(answer.error(Problem::NotFound).advise(
                    "the repository, environment or organisation does not exist, or the token may \
                     not see its secrets",
                ));
            }
            let answer = answer.ok()?;
            let json = answer.json()?;
            let (Some(key), Some(id)) = (json.text("/key"), json.scalar("/key_id")) else {
                return Err(answer.unexpected("no public key"));
            };
            let key = data_encoding::BASE64.decode(key.as_bytes()).ok();
            let key = key.and_then(|key| PublicKey::from_slice(&key).ok());
            let Some(key) = key else { return Err(answer.unexpected("no public key")) };
            let sealed = key.seal(&mut OsRng, value.expose());
            let sealed = sealed.map_err(|_| answer.unexpected("a key that seals nothing"))?;
            let mut body = json!({
                "encrypted_value": data_encoding::BASE64.encode(&sealed),
                "key_id": id,
            });
            if !at.path.contains('/')
                && let (Some(body), serde_json::Value::Object(who)) =
                    (body.as_object_mut(), self.visibility(at).await?)
            {
                body.extend(who);
            }
            // The nearest there is to a check: nobody wrote since we looked.
            let now = self.read(at, None).await?;
            if now.version != before.version {
                let (expected, found) = (before.version.clone(), now.version);
                let problem = Problem::Conflict { expected, found };
                return Err(Error::new(KIND, at.to_string(), problem));
            }
            let url = self.url(&at.path, &[at.name()]);
            self.ask(Call::write(Method::PUT, url).json(body)).await?.ok()?;
            Ok(None)
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let path = below.trim_matches('/');
            let mut found = Vec::new();
            for page in 1..=PAGES {
                let url = self.url(path, &[]);
                let url = query(url, &[("per_page", "100"), ("page", &page.to_string())]);
                let answer = self.ask(Call::get(url)).await?.ok()?;
                let json = answer.json()?;
                let names = json.array("/secrets");
                let texts = names.iter().filter_map(|it| it.get("name")?.as_str());
                found.extend(texts.map(|name| format!("{}:{path}#{name}", KIND.id())));
                if names.len() < 100 {
                    break;
                }
            }
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, _: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async { Err(unsupported(KIND, "GitHub keeps no older versions of a secret")) })
    }
}
