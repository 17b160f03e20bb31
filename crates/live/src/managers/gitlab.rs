//! CI/CD variables of GitLab: of a project or a group.
//!
//! <https://docs.gitlab.com/api/project_level_variables/>

use reqwest::{Method, Url};
use serde_json::json;

use super::{made_of, text, unsupported};
use crate::error::{Error, Problem};
use crate::http::{Answer, Call, Http, base, below, query};
use crate::manager::{Abilities, Held, Manager, Reply, Version};
use crate::tls::{self, Tls};
use crate::{Address, Kind, Settings, Value};

const KIND: Kind = Kind::GitLab;

/// Pages that are asked for at most.
const PAGES: usize = 50;

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    let Some(key) = &at.field else {
        return Err("the variable's key is missing; write GROUP/PROJECT#KEY".to_owned());
    };
    if !made_of(key, b"_") || key.len() > 255 {
        return Err("a key has only letters, digits and `_`, at most 255 of them".to_owned());
    }
    let path = at.path.split_once('@').map_or(at.path.as_str(), |(path, _)| path);
    if !path.split('/').all(|part| made_of(part, b"-_.")) {
        return Err("a project's path has only letters, digits and `-_.`".to_owned());
    }
    Ok(())
}

pub(crate) struct GitLab {
    http: Http,
    base: Url,
    token: Value,
    protected: bool,
    hidden: bool,
    unmasked: bool,
}

/// Where a variable is.
struct Place<'a> {
    kind: &'static str,
    id: &'a str,
    scope: &'a str,
}

impl GitLab {
    pub(super) fn open(settings: &Settings) -> Result<GitLab, Error> {
        let variables = ["CI_API_V4_URL", "GITLAB_URL", "GITLAB_HOST"];
        let mut base = base(KIND, settings, &variables, Some("https://gitlab.com"))?;
        if !base.path().trim_end_matches('/').ends_with("/api/v4") {
            base = below(&base, &["api", "v4"]);
        }
        let mut tls = Tls::default();
        // Jobs of a GitLab with a certificate of one's own find this.
        if let Some(path) = settings.var(&["CI_SERVER_TLS_CA_FILE"]) {
            tls.more = tls::file(KIND, path.as_ref())?;
        }
        let http = Http::new(KIND, settings, &base, tls)?;
        let token = settings.needed(KIND, &["GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN"])?;
        Ok(GitLab {
            http,
            base,
            token,
            protected: settings.protected,
            hidden: settings.hidden,
            unmasked: settings.unmasked,
        })
    }

    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        self.http.send(call.credential(KIND, "private-token", "", &self.token)?).await
    }

    fn url(&self, place: &Place<'_>, key: Option<&str>) -> Url {
        let mut segments = vec![place.kind, place.id, "variables"];
        segments.extend(key);
        let url = below(&self.base, &segments);
        match key {
            Some(_) => query(url, &[("filter[environment_scope]", place.scope)]),
            None => url,
        }
    }
}

impl Manager for GitLab {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: true, versions: false, check_and_set: false }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            if version.is_some() {
                return Err(unsupported(KIND, "GitLab keeps no older versions of a variable"));
            }
            let place = place(&at.path);
            let answer = self.ask(Call::get(self.url(&place, Some(at.name())))).await?;
            if answer.status == 404 {
                answer.json()?;
                if answer.says("Project Not Found") || answer.says("Group Not Found") {
                    return Err(answer.error(Problem::NotFound).advise(
                        "the project or group does not exist, or the token may not see it",
                    ));
                }
                return Ok(Held::default());
            }
            let answer = answer.ok()?;
            let json = answer.json()?;
            if json.text("/key") != Some(at.name()) {
                return Err(answer.unexpected("another variable"));
            }
            // Nobody reads a hidden variable.
            Ok(Held { value: json.value("/value"), exists: true, version: None, changed: None })
        })
    }

    fn write<'a>(
        &'a self,
        at: &'a Address,
        value: &'a Value,
        before: &'a Held,
    ) -> Reply<'a, Option<String>> {
        Box::pin(async move {
            let place = place(&at.path);
            let value = text(at, value)?;
            let call = if before.exists {
                // Whether it is masked or protected stays as it is.
                let body = json!({
                    "value": value,
                    "filter": { "environment_scope": place.scope },
                });
                Call::write(Method::PUT, self.url(&place, Some(at.name()))).json(body)
            } else {
                let masked = !self.unmasked;
                if masked && !maskable(value) {
                    let what = "the value is shorter than 8 characters or has white space, so \
                                GitLab cannot mask it in logs";
                    let problem = Problem::Unfit(what.to_owned());
                    return Err(Error::new(KIND, at.to_string(), problem)
                        .advise("encode it in base64, or give --unmasked"));
                }
                let mut body = json!({
                    "key": at.name(),
                    "value": value,
                    "protected": self.protected,
                    "masked": masked,
                    // Else a `$` in the value would be expanded.
                    "raw": true,
                    "environment_scope": place.scope,
                });
                if self.hidden
                    && let Some(body) = body.as_object_mut()
                {
                    body.insert("masked_and_hidden".to_owned(), json!(true));
                }
                Call::write(Method::POST, self.url(&place, None)).json(body)
            };
            let answer = self.ask(call).await?;
            if answer.status == 400 && answer.says("has already been taken") {
                return Err(answer.error(Problem::Conflict { expected: None, found: None }));
            }
            if answer.status == 400 && answer.says("masked") {
                return Err(answer.error(Problem::Refused(400, None)).advise(
                    "the variable is masked, and GitLab cannot mask this value: it must have 8 \
                     characters and no white space",
                ));
            }
            answer.ok()?;
            Ok(None)
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let path = below.trim_matches('/');
            let stem = path.split_once('@').map_or(path, |(path, _)| path);
            let place = place(path);
            let mut found = Vec::new();
            for page in 1..=PAGES {
                let url = self.url(&place, None);
                let url = query(url, &[("per_page", "100"), ("page", &page.to_string())]);
                let answer = self.ask(Call::get(url)).await?.ok()?;
                let json = answer.json()?;
                for item in json.array("") {
                    let said = |name: &str| item.get(name).and_then(|it| it.as_str());
                    let scope = match said("environment_scope") {
                        None | Some("*") => String::new(),
                        Some(scope) => format!("@{scope}"),
                    };
                    let key = said("key").unwrap_or_default();
                    found.push(format!("{}:{stem}{scope}#{key}", KIND.id()));
                }
                if json.array("").len() < 100 {
                    break;
                }
            }
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, _: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async { Err(unsupported(KIND, "GitLab keeps no older versions of a variable")) })
    }
}

fn place(path: &str) -> Place<'_> {
    let (path, scope) = path.split_once('@').unwrap_or((path, "*"));
    match path.strip_prefix("groups/") {
        Some(group) => Place { kind: "groups", id: group, scope },
        None => Place { kind: "projects", id: path, scope },
    }
}

/// GitLab's rules for values that its logs can hide.
fn maskable(value: &str) -> bool {
    value.chars().count() >= 8 && !value.chars().any(char::is_whitespace)
}
