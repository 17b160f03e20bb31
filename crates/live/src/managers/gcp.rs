//! Google Cloud Secret Manager.
//!
//! <https://cloud.google.com/secret-manager/docs/reference/rest>

use reqwest::{Method, Url};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::json;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::made_of;
use crate::error::{Error, Problem};
use crate::http::{self, Answer, Call, Http, below, query};
use crate::json::Json;
use crate::manager::{Abilities, Held, Manager, Reply, Version, skipped};
use crate::settings::{self, Settings};
use crate::tls::Tls;
use crate::{Address, Kind, Value};

const KIND: Kind = Kind::Gcp;

/// What the token is for.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Pages that are asked for at most.
const PAGES: usize = 200;

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    if at.field.is_some() {
        return Err("a secret has no fields; leave out what follows `#`".to_owned());
    }
    // As Google writes it: projects/P/secrets/S.
    if let [Some("projects"), Some(project), Some("secrets"), Some(name), None] = {
        let mut parts = at.path.split('/');
        [parts.next(), parts.next(), parts.next(), parts.next(), parts.next()]
    } {
        at.path = format!("{project}/{name}");
    }
    let (project, name) = at.path.split_once('/').unwrap_or(("p", &at.path));
    if !made_of(name, b"-_") || name.len() > 255 {
        return Err("a secret's name has only letters, digits, `-` and `_`, at most 255 of them; \
                    for example azure-devops-pat"
            .to_owned());
    }
    if !made_of(project, b"-:.") {
        return Err("a project's id has only letters, digits and `-`".to_owned());
    }
    Ok(())
}

pub(crate) struct Gcp {
    http: Http,
    base: Url,
    project: Option<String>,
    source: Source,
    token: OnceCell<Value>,
}

enum Source {
    /// A token that somebody else fetched.
    Token(Value),
    /// The key of a service account.
    Account { mail: String, key: Box<RsaKeyPair>, key_id: String, at: Url },
    /// What `gcloud auth application-default login` leaves.
    User { client: Value, secret: Value, refresh: Value, at: Url },
}

impl Gcp {
    pub(super) fn open(settings: &Settings) -> Result<Gcp, Error> {
        let variables = ["CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER"];
        let usual = "https://secretmanager.googleapis.com";
        let base = http::base(KIND, settings, &variables, Some(usual))?;
        let (source, known) = source(settings)?;
        let project = settings.project.clone();
        let variables = ["GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT", "GCLOUD_PROJECT"];
        let project = project.or_else(|| settings.var(&variables)).or(known);
        let http = Http::new(KIND, settings, &base, Tls::default())?;
        Ok(Gcp { http, base, project, source, token: OnceCell::new() })
    }

    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        let token = self.token.get_or_try_init(|| self.log_in()).await?;
        self.http.send(call.bearer(KIND, token)?).await
    }

    async fn log_in(&self) -> Result<Value, Error> {
        let (at, call) = match &self.source {
            Source::Token(token) => return Ok(token.clone()),
            Source::Account { mail, key, key_id, at } => {
                let jwt = jwt(mail, key, key_id, at)?;
                let fields = [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                    ("assertion", jwt.text().unwrap_or_default()),
                ];
                (at, Call::new(Method::POST, at.clone()).form(&fields))
            }
            Source::User { client, secret, refresh, at } => {
                let fields = [
                    ("grant_type", "refresh_token"),
                    ("client_id", client.text().unwrap_or_default()),
                    ("client_secret", secret.text().unwrap_or_default()),
                    ("refresh_token", refresh.text().unwrap_or_default()),
                ];
                (at, Call::new(Method::POST, at.clone()).form(&fields))
            }
        };
        let answer = self.http.send(call).await?;
        // Google answers a bad key, and a clock that is wrong, with 400.
        if answer.status == 400 {
            return Err(answer.error(Problem::Unauthorised).advise(format!(
                "{} does not accept the key: it may be deleted, or this machine's clock wrong",
                at.host_str().unwrap_or_default()
            )));
        }
        let answer = answer.ok()?;
        let token = answer.json()?.value("/access_token");
        token.ok_or_else(|| answer.unexpected("no access token"))
    }

    /// The project and the name.
    fn names<'a>(&'a self, at: &'a Address) -> Result<(&'a str, &'a str), Error> {
        match (at.path.split_once('/'), &self.project) {
            (Some(names), _) => Ok(names),
            (None, Some(project)) => Ok((project, &at.path)),
            (None, None) => Err(no_project()),
        }
    }

    /// `projects/P/secrets/S` with more behind it.
    fn url(&self, at: &Address, more: &[&str]) -> Result<Url, Error> {
        let (project, name) = self.names(at)?;
        let mut segments = vec!["v1", "projects", project, "secrets", name];
        segments.extend(more);
        Ok(below(&self.base, &segments))
    }

    /// The items of a list on all its pages.
    async fn pages(&self, url: Url, items: &str) -> Result<Option<Vec<Json>>, Error> {
        let mut found = Vec::new();
        let mut next = String::new();
        for _ in 0..PAGES {
            let url = query(url.clone(), &[("pageSize", "250"), ("pageToken", &next)]);
            let answer = self.ask(Call::get(url)).await?;
            if answer.status == 404 {
                return Ok(None);
            }
            let answer = answer.ok()?;
            let json = answer.json()?;
            found.extend(json.array(items).iter().cloned().map(Json));
            match json.text("/nextPageToken") {
                Some(token) if !token.is_empty() => token.clone_into(&mut next),
                _ => break,
            }
        }
        Ok(Some(found))
    }
}

impl Manager for Gcp {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: true, versions: true, check_and_set: false }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            let which = format!("{}:access", version.unwrap_or("latest"));
            let answer = self.ask(Call::get(self.url(at, &["versions", &which])?)).await?;
            if answer.status == 404 {
                return Ok(Held::default());
            }
            // The newest version is disabled or destroyed: there is no value,
            // and still a version to go on from.
            if answer.status == 400 && answer.says("FAILED_PRECONDITION") {
                let newest = match version {
                    Some(version) => Some(version.to_owned()),
                    None => self.versions(at).await?.first().map(|it| it.id.clone()),
                };
                return Ok(Held { version: newest, ..Held::default() });
            }
            let answer = answer.ok()?;
            let json = answer.json()?;
            let id = json.text("/name").and_then(|name| name.rsplit('/').next());
            let data = json.text("/payload/data").unwrap_or_default();
            let value = data_encoding::BASE64
                .decode(data.as_bytes())
                .map_err(|_| answer.unexpected("no base64"))?;
            let value = Value::new(value);
            if let Some(sum) = json.scalar("/payload/dataCrc32c")
                && sum != crc32c(value.expose()).to_string()
            {
                return Err(answer.unexpected("the value does not fit its checksum"));
            }
            let Some(id) = id else { return Err(answer.unexpected("no version")) };
            Ok(Held {
                value: Some(value),
                exists: true,
                version: Some(id.to_owned()),
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
            if before.version.is_none() {
                let (project, name) = self.names(at)?;
                let url = below(&self.base, &["v1", "projects", project, "secrets"]);
                let url = query(url, &[("secretId", name)]);
                let body = json!({ "replication": { "automatic": {} } });
                let answer = self.ask(Call::write(Method::POST, url).json(body)).await?;
                // A secret without versions is as good as a new one.
                if answer.status != 409 {
                    answer.ok()?;
                }
            }
            let (project, name) = self.names(at)?;
            let name = format!("{name}:addVersion");
            let url = below(&self.base, &["v1", "projects", project, "secrets", &name]);
            let data = Zeroizing::new(data_encoding::BASE64.encode(value.expose()));
            let sum = crc32c(value.expose()).to_string();
            let body = json!({ "payload": { "data": *data, "dataCrc32c": sum } });
            let answer = self.ask(Call::write(Method::POST, url).json(body)).await?.ok()?;
            let json = answer.json()?;
            let id = json.text("/name").and_then(|name| name.rsplit('/').next());
            id.map(|id| Some(id.to_owned())).ok_or_else(|| answer.unexpected("no version"))
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let given = below.trim_matches('/');
            let project = if given.is_empty() { self.project.as_deref() } else { Some(given) };
            let Some(project) = project else { return Err(no_project()) };
            let url = self::below(&self.base, &["v1", "projects", project, "secrets"]);
            let Some(all) = self.pages(url, "/secrets").await? else {
                return Err(Error::new(KIND, project, Problem::NotFound));
            };
            let names = all.iter().filter_map(|it| it.text("/name")?.rsplit('/').next());
            let mut found: Vec<String> =
                names.map(|name| format!("{}:{project}/{name}", KIND.id())).collect();
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, at: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async move {
            let url = self.url(at, &["versions"])?;
            let Some(all) = self.pages(url, "/versions").await? else {
                return Err(Error::new(KIND, at.to_string(), Problem::NotFound));
            };
            let mut found: Vec<(u64, Version)> = Vec::new();
            for item in &all {
                let id = item.text("/name").and_then(|name| name.rsplit('/').next());
                let id = id.unwrap_or_default().to_owned();
                let state = item.text("/state").unwrap_or_default().to_ascii_lowercase();
                found.push((
                    id.parse().unwrap_or(0),
                    Version { id, created: item.scalar("/createTime"), labels: vec![state] },
                ));
            }
            found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
            if let Some((_, newest)) = found.first_mut() {
                newest.labels.insert(0, "current".to_owned());
            }
            Ok(found.into_iter().map(|(_, version)| version).collect())
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

fn no_project() -> Error {
    Error::setting(KIND, "GOOGLE_CLOUD_PROJECT or --project", "no project is given")
}

/// Where the token comes from, and the project that it belongs to.
fn source(settings: &Settings) -> Result<(Source, Option<String>), Error> {
    let tokens = ["CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"];
    if let Some(token) = settings.secret(&tokens) {
        return Ok((Source::Token(token), None));
    }
    let given = settings.var(&["GOOGLE_APPLICATION_CREDENTIALS"]).map(std::path::PathBuf::from);
    let usual = || {
        let home = settings.var(&["CLOUDSDK_CONFIG"]).map(std::path::PathBuf::from);
        let home = home.or_else(|| Some(settings.home()?.join(".config").join("gcloud")));
        Some(home?.join("application_default_credentials.json")).filter(|path| path.exists())
    };
    let Some(path) = given.or_else(usual) else {
        let name = "GOOGLE_APPLICATION_CREDENTIALS";
        return Err(Error::setting(KIND, name, "is not set, and there are no default credentials"));
    };
    let place = path.display().to_string();
    let failed = |what: &str| Error::setting(KIND, &place, what);
    let Some(json) = Json::parse(settings::read(KIND, &path)?.expose()) else {
        return Err(failed("is no JSON"));
    };
    let text = |name: &str| json.text(name).ok_or_else(|| failed("it lacks a field"));
    let usual = "https://oauth2.googleapis.com/token";
    let at = http::url(KIND, settings, json.text("/token_uri").unwrap_or(usual))?;
    let project = json.scalar("/project_id").or_else(|| json.scalar("/quota_project_id"));
    let source = match json.text("/type") {
        Some("service_account") => Source::Account {
            mail: text("/client_email")?.to_owned(),
            key: key(text("/private_key")?)
                .map(Box::new)
                .ok_or_else(|| failed("its key is no RSA key"))?,
            key_id: json.scalar("/private_key_id").unwrap_or_default(),
            at,
        },
        Some("authorized_user") => Source::User {
            client: Value::from(text("/client_id")?),
            secret: Value::from(text("/client_secret")?),
            refresh: Value::from(text("/refresh_token")?),
            at,
        },
        _ => {
            return Err(failed("it is neither a service account's key nor a user's login").advise(
                "give a token instead: `CLOUDSDK_AUTH_ACCESS_TOKEN=$(gcloud auth \
                 print-access-token)`",
            ));
        }
    };
    Ok((source, project))
}

/// A private key in PEM.
fn key(pem: &str) -> Option<RsaKeyPair> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let body: Zeroizing<String> =
        Zeroizing::new(body.chars().filter(|c| !c.is_whitespace()).collect());
    let der = Zeroizing::new(data_encoding::BASE64.decode(body.as_bytes()).ok()?);
    RsaKeyPair::from_pkcs8(&der).ok()
}

/// What proves who we are for some minutes: RFC 7523.
fn jwt(mail: &str, key: &RsaKeyPair, key_id: &str, at: &Url) -> Result<Value, Error> {
    let failed = || Error::setting(KIND, "the service account's key", "it cannot sign");
    let now = jiff::Timestamp::now().as_second();
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key_id }).to_string();
    let claims = json!({
        "iss": mail, "scope": SCOPE, "aud": at.as_str(), "iat": now, "exp": now + 600,
    });
    let encode = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
    let mut jwt =
        format!("{}.{}", encode(header.as_bytes()), encode(claims.to_string().as_bytes()));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), jwt.as_bytes(), &mut signature)
        .map_err(|_| failed())?;
    jwt.push('.');
    jwt.push_str(&encode(&signature));
    Ok(Value::new(jwt.into_bytes()))
}

/// CRC-32C, as RFC 3720 has it; values are small, so a table is not worth it.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut sum = !0u32;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0x82f6_3b78 } else { sum >> 1 };
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // RFC 3720, B.4, and the usual check value.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }
}
