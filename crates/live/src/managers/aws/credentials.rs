//! Where AWS credentials come from, in the order of the AWS tools: a profile
//! that is asked for, the environment, a web identity, the default profile.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use zeroize::Zeroizing;

use super::{KIND, host, made_of, sign};
use crate::error::{Error, Problem};
use crate::http::{Answer, Call, Http, url};
use crate::{Settings, Value, settings};

/// Profiles that may name one another, one after the other.
const DEEPEST: usize = 5;

/// How roles are named in AWS's own log.
const SESSION: &str = "stanch";

/// Keys that sign.
pub(super) struct Credentials {
    id: Value,
    secret: Value,
    session: Option<Value>,
}

impl Credentials {
    pub(super) fn sign(
        &self,
        request: &sign::Request<'_>,
        region: &str,
        service: &str,
    ) -> Result<HeaderMap, Error> {
        let signer = sign::Signer {
            access_key: self.id.text().unwrap_or_default(),
            secret_key: &self.secret,
            session: self.session.as_ref(),
            region,
            service,
        };
        sign::sign(request, &signer, SystemTime::now())
    }
}

/// How to get them.
pub(super) enum Source {
    Keys { id: Value, secret: Value, session: Option<Value> },
    Role { from: Box<Source>, role: String, external: Option<String>, sts: Option<Url> },
    Web { role: String, token: PathBuf, sts: Option<Url> },
}

impl Source {
    /// Gets them, from the token service where a role is to be taken.
    pub(super) async fn get(&self, http: &Http, region: &str) -> Result<Credentials, Error> {
        match self {
            Source::Keys { id, secret, session } => {
                Ok(Credentials { id: id.clone(), secret: secret.clone(), session: session.clone() })
            }
            Source::Web { role, token, sts } => {
                let token = settings::trimmed(KIND, token)?;
                let fields = [
                    ("Action", "AssumeRoleWithWebIdentity"),
                    ("Version", "2011-06-15"),
                    ("RoleArn", role),
                    ("RoleSessionName", SESSION),
                    ("WebIdentityToken", token.text().unwrap_or_default()),
                ];
                let call = Call::new(Method::POST, endpoint(sts.as_ref(), region)?).form(&fields);
                assumed(&http.send(call).await?)
            }
            Source::Role { from, role, external, sts } => {
                let keys = Box::pin(from.get(http, region)).await?;
                let url = endpoint(sts.as_ref(), region)?;
                let mut body = format!(
                    "Action=AssumeRole&Version=2011-06-15&RoleSessionName={SESSION}&RoleArn={}",
                    encoded(role)
                );
                if let Some(external) = external {
                    body.push_str("&ExternalId=");
                    body.push_str(&encoded(external));
                }
                let form = "application/x-www-form-urlencoded";
                let request = sign::Request {
                    method: "POST",
                    url: url.as_str(),
                    headers: &[("content-type", form)],
                    body: body.as_bytes(),
                };
                let signed = keys.sign(&request, region, "sts")?;
                let body = Zeroizing::new(body.into_bytes());
                let mut call = Call::new(Method::POST, url.clone()).body(form, body);
                call.headers().extend(signed);
                assumed(&http.send(call).await?)
            }
        }
    }
}

/// What the environment and the profiles say.
pub(super) struct Found {
    pub(super) source: Source,
    pub(super) region: Option<String>,
    /// A file with the certificates to trust.
    pub(super) authority: Option<String>,
    /// Where Secrets Manager is, if not at AWS.
    pub(super) endpoint: Option<String>,
}

/// Where to get credentials from, and what else the profile says.
pub(super) fn find(settings: &Settings) -> Result<Found, Error> {
    let asked = settings.profile.clone();
    let name = asked.clone().or_else(|| settings.var(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]));
    let name = name.unwrap_or_else(|| "default".to_owned());
    let keys = if asked.is_none() { environment(settings) } else { None };
    let profiles = match Profiles::read(settings) {
        // Who has keys in the environment needs no files.
        Err(_) if keys.is_some() => Profiles::default(),
        read => read?,
    };
    let region = settings.region.clone();
    let region = region.or_else(|| settings.var(&["AWS_REGION", "AWS_DEFAULT_REGION"]));
    let region = region.or_else(|| profiles.text(&name, "region"));
    let endpoint = |variable: &str, service: &str| {
        let ignored = settings.var(&["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]);
        let ignored = ignored.or_else(|| profiles.text(&name, "ignore_configured_endpoint_urls"));
        if ignored.is_some_and(|said| said.eq_ignore_ascii_case("true")) {
            return None;
        }
        let said = settings.var(&[variable, "AWS_ENDPOINT_URL"]);
        said.or_else(|| profiles.endpoint(&name, service))
    };
    let sts = match endpoint("AWS_ENDPOINT_URL_STS", "sts") {
        Some(text) => Some(url(KIND, settings, &text)?),
        None => None,
    };
    let web = settings.var(&["AWS_WEB_IDENTITY_TOKEN_FILE"]);
    let role = settings.var(&["AWS_ROLE_ARN"]);
    let source = match (keys, web, role) {
        (Some(keys), _, _) => keys,
        (None, Some(token), Some(role)) if asked.is_none() => {
            Source::Web { role, token: token.into(), sts }
        }
        _ => profiles.source(&name, settings, sts.as_ref(), DEEPEST)?,
    };
    let endpoint = endpoint("AWS_ENDPOINT_URL_SECRETS_MANAGER", "secrets_manager");
    let authority = profiles.text(&name, "ca_bundle");
    Ok(Found { source, region, authority, endpoint })
}

fn environment(settings: &Settings) -> Option<Source> {
    Some(Source::Keys {
        id: settings.secret(&["AWS_ACCESS_KEY_ID"])?,
        secret: settings.secret(&["AWS_SECRET_ACCESS_KEY"])?,
        session: settings.secret(&["AWS_SESSION_TOKEN"]),
    })
}

/// The profiles of both files.
#[derive(Default)]
struct Profiles(BTreeMap<String, BTreeMap<String, Value>>);

impl Profiles {
    fn read(settings: &Settings) -> Result<Profiles, Error> {
        let mut profiles = Profiles::default();
        let files = [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
        for (variable, file) in files {
            let usual = settings.home().map(|home| home.join(".aws").join(file));
            let Some(path) = settings.var(&[variable]).map(PathBuf::from).or(usual) else {
                continue;
            };
            if path.exists() {
                profiles.add(&path, file == "config")?;
            }
        }
        Ok(profiles)
    }

    /// Reads one file. The one is written `[profile x]`, the other `[x]`.
    fn add(&mut self, path: &Path, config: bool) -> Result<(), Error> {
        let bytes = settings::read(KIND, path)?;
        let Some(text) = bytes.text() else {
            return Err(Error::setting(KIND, &path.display().to_string(), "is no text"));
        };
        let mut section: Option<String> = None;
        // The setting that indented lines belong to.
        let mut nest = String::new();
        for line in text.lines() {
            let bare = line.trim();
            if bare.is_empty() || bare.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = bare.strip_prefix('[') {
                let name = name.split(']').next().unwrap_or_default().trim();
                section = match name.strip_prefix("profile") {
                    Some(rest) if rest.starts_with([' ', '\t']) => Some(rest.trim().to_owned()),
                    _ if config && name.starts_with("services ") => Some(services(name)),
                    _ if !config || name == "default" => Some(name.to_owned()),
                    // Such as [sso-session x].
                    _ => None,
                };
                nest.clear();
                continue;
            }
            let (Some(section), Some((key, value))) = (&section, bare.split_once('=')) else {
                continue;
            };
            let key = key.trim().to_ascii_lowercase();
            let key = if line.starts_with([' ', '\t']) {
                format!("{nest}.{key}")
            } else {
                nest.clone_from(&key);
                key
            };
            let value = Value::from(value.trim());
            self.0.entry(section.clone()).or_default().insert(key, value);
        }
        Ok(())
    }

    fn get(&self, profile: &str, key: &str) -> Option<&Value> {
        self.0.get(profile)?.get(key)
    }

    fn text(&self, profile: &str, key: &str) -> Option<String> {
        self.get(profile, key)?.text().map(str::to_owned)
    }

    /// Where a service is, by the profile's section of services or for all.
    fn endpoint(&self, profile: &str, service: &str) -> Option<String> {
        let section = self.text(profile, "services");
        let section = section.map(|name| services(&format!("services {name}")));
        let key = format!("{service}.endpoint_url");
        let own = section.and_then(|section| self.text(&section, &key));
        own.or_else(|| self.text(profile, "endpoint_url"))
    }

    fn keys(&self, profile: &str) -> Option<Source> {
        Some(Source::Keys {
            id: self.get(profile, "aws_access_key_id")?.clone(),
            secret: self.get(profile, "aws_secret_access_key")?.clone(),
            session: self.get(profile, "aws_session_token").cloned(),
        })
    }

    fn source(
        &self,
        name: &str,
        settings: &Settings,
        sts: Option<&Url>,
        depth: usize,
    ) -> Result<Source, Error> {
        let place = format!("the profile {name}");
        let failed = |what: &str| Err(Error::setting(KIND, &place, what));
        if !self.0.contains_key(name) {
            return failed("there are no credentials in the environment and no such profile");
        }
        let Some(role) = self.text(name, "role_arn") else {
            let others = ["sso_session", "sso_start_url", "credential_process"];
            if let Some(keys) = self.keys(name) {
                return Ok(keys);
            }
            if others.iter().any(|key| self.get(name, key).is_some()) {
                return Err(Error::setting(
                    KIND,
                    &place,
                    "it gets credentials by SSO or a program",
                )
                .advise(format!(
                    "run `eval \"$(aws configure export-credentials --profile {name} --format \
                         env)\"` first"
                )));
            }
            return failed("it has no keys and no role");
        };
        let Some(depth) = depth.checked_sub(1) else {
            return failed("profiles name one another in a circle");
        };
        if let Some(token) = self.text(name, "web_identity_token_file") {
            return Ok(Source::Web { role, token: token.into(), sts: sts.cloned() });
        }
        let from = match self.text(name, "source_profile") {
            Some(other) if other == name => self.keys(name),
            Some(other) => Some(self.source(&other, settings, sts, depth)?),
            None if self.text(name, "credential_source").as_deref() == Some("Environment") => {
                environment(settings)
            }
            None => None,
        };
        let Some(from) = from else {
            return failed("it has a role and no credentials to take it with");
        };
        let external = self.text(name, "external_id");
        Ok(Source::Role { from: Box::new(from), role, external, sts: sts.cloned() })
    }
}

/// What a section of services is kept as: no profile has `]` in its name.
fn services(section: &str) -> String {
    format!("]{section}")
}

fn endpoint(given: Option<&Url>, region: &str) -> Result<Url, Error> {
    match given {
        Some(url) => Ok(url.clone()),
        None if made_of(region, b"-") => Url::parse(&host("sts", region))
            .map_err(|_| Error::setting(KIND, "the region", "it is no region's name")),
        None => Err(Error::setting(KIND, "the region", "it is no region's name")),
    }
}

/// The credentials in an answer of the token service, which is XML.
fn assumed(answer: &Answer) -> Result<Credentials, Error> {
    if answer.status >= 400 {
        return Err(match answer.status {
            400 => answer.error(Problem::Unauthorised),
            403 if answer.says("AccessDenied") => answer.error(Problem::Forbidden).advise(
                "the role's trust policy must allow it, and the credentials need sts:AssumeRole",
            ),
            403 => answer.error(Problem::Unauthorised),
            _ => answer.refusal(),
        });
    }
    let text = std::str::from_utf8(&answer.body).unwrap_or_default();
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (value, _) = rest.split_once(&format!("</{name}>"))?;
        Some(Value::from(value.trim()))
    };
    match (element("AccessKeyId"), element("SecretAccessKey"), element("SessionToken")) {
        (Some(id), Some(secret), session @ Some(_)) => Ok(Credentials { id, secret, session }),
        _ => Err(answer.unexpected("no credentials")),
    }
}

/// A text in a form.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
