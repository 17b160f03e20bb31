//! AWS Secrets Manager.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/>

mod credentials;
pub(crate) mod sign;

use reqwest::{Method, Url};
use serde_json::{Map, json};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::{made_of, text};
use crate::error::{Error, Problem, Written};
use crate::http::{Answer, Call, Http, url};
use crate::json::Json;
use crate::manager::{Abilities, Held, Manager, Reply, Version};
use crate::tls::{self, Tls};
use crate::{Address, Kind, Settings, Value};

use credentials::{Credentials, Found, Source};

const KIND: Kind = Kind::Aws;

/// Pages that are asked for at most.
const PAGES: usize = 200;

/// Errors that are told by name; what a server says otherwise is not repeated.
const CODES: [&str; 20] = [
    "AccessDeniedException",
    "DecryptionFailure",
    "EncryptionFailure",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InternalServiceError",
    "InvalidClientTokenId",
    "InvalidParameterException",
    "InvalidRequestException",
    "InvalidSignatureException",
    "LimitExceededException",
    "MalformedPolicyDocumentException",
    "MissingAuthenticationTokenException",
    "PreconditionNotMetException",
    "ResourceExistsException",
    "ResourceNotFoundException",
    "SignatureDoesNotMatch",
    "ThrottlingException",
    "TooManyRequestsException",
    "UnrecognizedClientException",
];

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    // An ARN has colons as well.
    if !made_of(&at.path, b"/_+=.@-:") || at.path.len() > 2048 {
        return Err("a secret's name has only letters, digits and /_+=.@-".to_owned());
    }
    Ok(())
}

pub(crate) struct Aws {
    http: Http,
    base: Url,
    region: String,
    source: Source,
    credentials: OnceCell<Credentials>,
}

impl Aws {
    pub(super) fn open(settings: &Settings) -> Result<Aws, Error> {
        let Found { source, region, authority, endpoint } = credentials::find(settings)?;
        let Some(region) = region else {
            let name = "AWS_REGION, --region or the profile";
            return Err(Error::setting(KIND, name, "no region is given"));
        };
        if !made_of(&region, b"-") {
            return Err(Error::setting(KIND, "the region", "it is no region's name"));
        }
        let given = settings.url.clone();
        let given = given.or(endpoint);
        let usual = host("secretsmanager", &region);
        let base = url(KIND, settings, given.as_deref().unwrap_or(&usual))?;
        let mut tls = Tls::default();
        if let Some(path) = settings.var(&["AWS_CA_BUNDLE"]).or(authority) {
            tls.only = tls::file(KIND, path.as_ref())?;
        }
        let http = Http::new(KIND, settings, &base, tls)?;
        Ok(Aws { http, base, region, source, credentials: OnceCell::new() })
    }

    /// One action of the API.
    async fn act(
        &self,
        action: &str,
        body: serde_json::Value,
        writes: bool,
    ) -> Result<Answer, Error> {
        self.send(action, &Json(body), writes).await
    }

    /// An action that stores a value. If it is not known whether it was done,
    /// it is asked for once more: AWS knows it again by its token.
    async fn act_once(&self, action: &str, body: serde_json::Value) -> Result<Answer, Error> {
        let body = Json(body);
        match self.send(action, &body, true).await {
            Err(error) if error.written == Written::Unknown => self.send(action, &body, true).await,
            done => done,
        }
    }

    async fn send(&self, action: &str, body: &Json, writes: bool) -> Result<Answer, Error> {
        let credentials =
            self.credentials.get_or_try_init(|| self.source.get(&self.http, &self.region)).await?;
        let body = body.bytes();
        let url = self.base.clone();
        let call =
            if writes { Call::write(Method::POST, url) } else { Call::new(Method::POST, url) };
        let target = format!("secretsmanager.{action}");
        let mut call = call.header("x-amz-target", &target);
        let request = sign::Request {
            method: "POST",
            url: self.base.as_str(),
            headers: &[("content-type", "application/x-amz-json-1.1"), ("x-amz-target", &target)],
            body: &body,
        };
        let signed = credentials.sign(&request, &self.region, "secretsmanager")?;
        call.headers().extend(signed);
        self.http.send(call.body("application/x-amz-json-1.1", body)).await
    }

    /// The whole value of a secret; none if there is no value.
    async fn whole(&self, id: &str, version: Option<&str>) -> Result<Option<Whole>, Error> {
        let mut body = Map::from_iter([("SecretId".to_owned(), json!(id))]);
        match version {
            Some(stage) if stage.starts_with("AWS") => {
                body.insert("VersionStage".to_owned(), json!(stage));
            }
            Some(id) => {
                body.insert("VersionId".to_owned(), json!(id));
            }
            None => {
                body.insert("VersionStage".to_owned(), json!("AWSCURRENT"));
            }
        }
        let answer = self.act("GetSecretValue", body.into(), false).await?;
        if code(&answer) == Some("ResourceNotFoundException") {
            return Ok(None);
        }
        let answer = checked(answer)?;
        let json = answer.json()?;
        let value = match (json.value("/SecretString"), json.text("/SecretBinary")) {
            (Some(text), _) => text,
            (None, Some(binary)) => {
                let bytes = data_encoding::BASE64.decode(binary.as_bytes());
                Value::new(bytes.map_err(|_| answer.unexpected("no base64"))?)
            }
            (None, None) => return Err(answer.unexpected("no value")),
        };
        let Some(version) = json.scalar("/VersionId") else {
            return Err(answer.unexpected("no version"));
        };
        let changed = json.pointer("/CreatedDate").and_then(time);
        Ok(Some(Whole { value, version, changed }))
    }

    /// What a field's new value makes of the whole.
    fn merged(&self, at: &Address, value: &Value, now: Option<&Whole>) -> Result<Value, Error> {
        let Some(field) = &at.field else { return Ok(value.clone()) };
        let mut fields = match now {
            None => Json(json!({})),
            Some(whole) => match Json::parse(whole.value.expose()) {
                Some(json) if json.is_object() => json,
                _ => {
                    let what = "what is stored there is no JSON object, so it has no fields";
                    return Err(Error::new(KIND, at.to_string(), Problem::Unfit(what.to_owned()))
                        .advise("leave out what follows `#` to replace the whole value"));
                }
            },
        };
        if let Some(members) = fields.0.as_object_mut() {
            members.insert(field.clone(), json!(text(at, value)?));
        }
        Ok(Value::new(fields.bytes().to_vec()))
    }

    /// Writes a new version beside the current one, and then has it take the
    /// current one's place, which fails if that is no longer the one.
    async fn replace(&self, at: &Address, value: &Value, old: &str) -> Result<String, Error> {
        let token = token();
        let stage = format!("STANCH-{token}");
        let mut body = payload(value);
        body.insert("SecretId".to_owned(), json!(at.path));
        body.insert("ClientRequestToken".to_owned(), json!(token));
        body.insert("VersionStages".to_owned(), json!([stage]));
        let answer = checked(self.act_once("PutSecretValue", body.into()).await?)?;
        let Some(new) = answer.json()?.scalar("/VersionId") else {
            return Err(answer.unexpected("no version"));
        };
        let body = json!({
            "SecretId": at.path,
            "VersionStage": "AWSCURRENT",
            "MoveToVersionId": new,
            "RemoveFromVersionId": old,
        });
        let moved = self.act("UpdateSecretVersionStage", body, true).await?;
        if code(&moved) == Some("InvalidParameterException") {
            return Err(moved.error(Problem::Conflict { expected: None, found: None }));
        }
        if moved.status == 403 || code(&moved) == Some("AccessDeniedException") {
            let what = format!(
                "version {new} holds the value but is not current, because UpdateSecretVersionStage \
                 is not allowed"
            );
            return Err(moved.error(Problem::HalfWritten(what)).written(Written::No).advise(format!(
                "allow secretsmanager:UpdateSecretVersionStage and put again, or have somebody run \
                 `aws secretsmanager update-secret-version-stage --secret-id {} --version-stage \
                 AWSCURRENT --move-to-version-id {new} --remove-from-version-id {old}`",
                at.path
            )));
        }
        checked(moved)?;
        let body = json!({
            "SecretId": at.path, "VersionStage": stage, "RemoveFromVersionId": new,
        });
        // A label that stays behind does no harm and is worth no failure.
        let _ = self.act("UpdateSecretVersionStage", body, true).await;
        Ok(new)
    }

    async fn create(&self, at: &Address, value: &Value) -> Result<String, Error> {
        let token = token();
        let mut body = payload(value);
        body.insert("Name".to_owned(), json!(at.path));
        body.insert("ClientRequestToken".to_owned(), json!(token));
        let answer = self.act_once("CreateSecret", body.into()).await?;
        if code(&answer) != Some("ResourceExistsException") {
            let answer = checked(answer)?;
            let id = answer.json()?.scalar("/VersionId");
            return id.ok_or_else(|| answer.unexpected("no version"));
        }
        // It exists without a value, or somebody else made it just now; the
        // first version of a secret becomes current by itself.
        match self.whole(&at.path, None).await? {
            Some(ours) if ours.version == token => return Ok(token),
            Some(_) => return Err(answer.error(Problem::Conflict { expected: None, found: None })),
            None => {}
        }
        let mut body = payload(value);
        body.insert("SecretId".to_owned(), json!(at.path));
        body.insert("ClientRequestToken".to_owned(), json!(token));
        let answer = checked(self.act_once("PutSecretValue", body.into()).await?)?;
        let id = answer.json()?.scalar("/VersionId");
        id.ok_or_else(|| answer.unexpected("no version"))
    }
}

/// A secret's value in one version.
struct Whole {
    value: Value,
    version: String,
    changed: Option<String>,
}

impl Whole {
    /// The value that an address means.
    fn part(&self, at: &Address) -> Option<Value> {
        let Some(field) = &at.field else { return Some(self.value.clone()) };
        let json = Json::parse(self.value.expose())?;
        match json.get(field)? {
            serde_json::Value::String(text) => Some(Value::from(text.as_str())),
            other => serde_json::to_vec(other).ok().map(Value::new),
        }
    }
}

impl Manager for Aws {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: true, versions: true, check_and_set: true }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            let Some(whole) = self.whole(&at.path, version).await? else {
                return Ok(Held::default());
            };
            let value = whole.part(at);
            Ok(Held {
                exists: value.is_some(),
                value,
                version: Some(whole.version),
                changed: whole.changed,
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
            let now = match &before.version {
                Some(_) => self.whole(&at.path, None).await?,
                None => None,
            };
            let merged = self.merged(at, value, now.as_ref())?;
            let Some(old) = &before.version else {
                return self.create(at, &merged).await.map(Some);
            };
            let found = now.map(|whole| whole.version);
            if found.as_ref() != Some(old) {
                let expected = before.version.clone();
                let problem = Problem::Conflict { expected, found };
                return Err(Error::new(KIND, at.to_string(), problem));
            }
            self.replace(at, &merged, old).await.map(Some)
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let mut found = Vec::new();
            let mut next: Option<String> = None;
            for _ in 0..PAGES {
                let mut body = Map::from_iter([("MaxResults".to_owned(), json!(100))]);
                if !below.is_empty() {
                    let filter = json!([{ "Key": "name", "Values": [below] }]);
                    body.insert("Filters".to_owned(), filter);
                }
                if let Some(next) = next.take() {
                    body.insert("NextToken".to_owned(), json!(next));
                }
                let answer = checked(self.act("ListSecrets", body.into(), false).await?)?;
                let json = answer.json()?;
                let names = json.array("/SecretList").iter();
                let names = names.filter_map(|it| it.get("Name")?.as_str());
                found.extend(
                    names
                        .filter(|name| name.starts_with(below))
                        .map(|name| format!("{}:{name}", KIND.id())),
                );
                next = json.scalar("/NextToken").filter(|token| !token.is_empty());
                if next.is_none() {
                    break;
                }
            }
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, at: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async move {
            let mut found: Vec<(f64, Version)> = Vec::new();
            let mut next: Option<String> = None;
            for _ in 0..PAGES {
                let mut body = Map::from_iter([
                    ("SecretId".to_owned(), json!(at.path)),
                    ("IncludeDeprecated".to_owned(), json!(true)),
                ]);
                if let Some(next) = next.take() {
                    body.insert("NextToken".to_owned(), json!(next));
                }
                let answer = checked(self.act("ListSecretVersionIds", body.into(), false).await?)?;
                let json = answer.json()?;
                for item in json.array("/Versions") {
                    let id = item.get("VersionId").and_then(|id| id.as_str()).unwrap_or_default();
                    let created = item.get("CreatedDate");
                    let labels = item.get("VersionStages").and_then(|it| it.as_array());
                    let labels = labels.into_iter().flatten().filter_map(|it| it.as_str());
                    found.push((
                        created.and_then(serde_json::Value::as_f64).unwrap_or(0.0),
                        Version {
                            id: id.to_owned(),
                            created: created.and_then(time),
                            labels: labels.map(str::to_owned).collect(),
                        },
                    ));
                }
                next = json.scalar("/NextToken").filter(|token| !token.is_empty());
                if next.is_none() {
                    break;
                }
            }
            // Newest first; of two of the same second the current one.
            let current = |it: &Version| it.labels.iter().any(|label| label == "AWSCURRENT");
            found.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(current(y).cmp(&current(x))));
            Ok(found.into_iter().map(|(_, version)| version).collect())
        })
    }
}

/// A value as text, or as bytes if it is none.
fn payload(value: &Value) -> Map<String, serde_json::Value> {
    let (name, text) = match value.text() {
        Some(text) => ("SecretString", Zeroizing::new(text.to_owned())),
        None => ("SecretBinary", Zeroizing::new(data_encoding::BASE64.encode(value.expose()))),
    };
    Map::from_iter([(name.to_owned(), json!(*text))])
}

/// A success, or what AWS means by its error.
fn checked(answer: Answer) -> Result<Answer, Error> {
    let Some(code) = code(&answer) else { return answer.ok() };
    let problem = match code {
        "AccessDeniedException" => Problem::Forbidden,
        "ResourceNotFoundException" => Problem::NotFound,
        "ThrottlingException" | "TooManyRequestsException" => {
            Problem::RateLimited { retry_after: answer.retry_after() }
        }
        "ExpiredTokenException"
        | "IncompleteSignature"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => Problem::Unauthorised,
        "InternalServiceError" => Problem::Failed(answer.status),
        code => Problem::Refused(answer.status, Some(code)),
    };
    let error = answer.error(problem);
    Err(if code == "InvalidRequestException" && answer.says("deletion") {
        error.advise(
            "the secret is marked for deletion; `aws secretsmanager restore-secret` \
                      brings it back",
        )
    } else {
        error
    })
}

/// The error's name, if the answer is one.
fn code(answer: &Answer) -> Option<&'static str> {
    if answer.status < 400 {
        return None;
    }
    let json = Json::parse(&answer.body);
    let body = json.as_ref().and_then(|json| json.text("/__type").or_else(|| json.text("/code")));
    let said = answer.header("x-amzn-errortype").or(body)?;
    // It may be `com.amazonaws…#Name` or `Name:http://…`.
    let said = said.rsplit('#').next()?.split(':').next()?;
    CODES.into_iter().find(|code| *code == said)
}

/// Unix seconds as RFC 3339.
fn time(json: &serde_json::Value) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 fit")]
    let seconds = json.as_f64()? as i64;
    jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

/// A random UUID, by which AWS knows a request that comes twice.
fn token() -> String {
    let mut bytes = [0u8; 16];
    // A token that is not random is refused as used by another version, which
    // is told; nothing is lost.
    let _ = getrandom::fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    let cut = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32))
}

/// A service's address in a region.
fn host(service: &str, region: &str) -> String {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://{service}.{region}.{domain}")
}
