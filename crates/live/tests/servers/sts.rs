//! AWS's token service, and behind it a secret for whoever has its keys.
//! Signatures are Moto's to check; this one looks who signed for what.

use std::sync::{Arc, Mutex};

use serde_json::json as j;

use super::{Answer, Asked, Served, json, random, serve};

pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/app";

/// The key id of whoever takes the role.
pub(crate) const TAKEN: &str = "ASIAROLE";

pub(crate) struct Sts {
    pub(crate) served: Served,
    pub(crate) state: Arc<Mutex<State>>,
}

pub(crate) struct State {
    /// The key id of who may take the role.
    pub(crate) id: String,
    /// The token of who took it.
    pub(crate) session: String,
    /// What must be said to take it.
    pub(crate) external: String,
    /// The token of a pod, which may take it without keys.
    pub(crate) pod: String,
    /// What was asked, by action.
    pub(crate) seen: Vec<String>,
}

impl Sts {
    pub(crate) fn start() -> Sts {
        let state = Arc::new(Mutex::new(State {
            id: format!("AKIA{}", random(16).to_ascii_uppercase()),
            session: random(60),
            external: String::new(),
            pod: random(80),
            seen: Vec::new(),
        }));
        Sts { served: serve(&state, handle), state }
    }
}

fn handle(state: &mut State, asked: &Asked) -> Answer {
    let signed = asked.header("authorization");
    let by = |id: &str, service: &str| {
        signed.contains(&format!("Credential={id}/"))
            && signed.contains(&format!("/us-east-1/{service}/aws4_request"))
    };
    let form = asked.form();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let secret = asked.header("x-amz-target") == "secretsmanager.GetSecretValue";
    state.seen.push(if secret { "GetSecretValue" } else { field("Action") }.to_owned());
    if secret {
        let session = asked.header("x-amz-security-token");
        let taken = by(TAKEN, "secretsmanager")
            && signed.contains(";x-amz-security-token;")
            && session == state.session;
        let whose = match taken {
            true => "of the role",
            false if by(&state.id, "secretsmanager") && session.is_empty() => "of the user",
            false => return json(400, j!({ "__type": "UnrecognizedClientException" })),
        };
        return json(200, j!({ "SecretString": whose, "VersionId": "1" }));
    }
    let good = match field("Action") {
        "AssumeRole" => by(&state.id, "sts") && field("ExternalId") == state.external,
        "AssumeRoleWithWebIdentity" => signed.is_empty() && field("WebIdentityToken") == state.pod,
        _ => false,
    };
    let fits = field("RoleArn") == ROLE
        && field("Version") == "2011-06-15"
        && field("RoleSessionName") == "stanch";
    let (status, body) = if good && fits {
        let (secret, session) = (random(40), &state.session);
        let keys = format!(
            "<AccessKeyId>{TAKEN}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
             <SessionToken>{session}</SessionToken>"
        );
        (200, format!("<AssumeRoleResponse><Credentials>{keys}</Credentials></AssumeRoleResponse>"))
    } else {
        (403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>".to_owned())
    };
    let kind = ("content-type", "text/xml".to_owned());
    Answer { status, headers: vec![kind], body: body.into_bytes() }
}
