//! Tokens of services that name their kind or owner in clear text.

use super::{Input, Reading, fact};
use crate::checksum::{discord_user_id, parse_gitlab};

/// Source: <https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/>
pub(super) fn github(input: &Input<'_>) -> Reading {
    named(
        input,
        &[
            ("ghp_", "personal access token (classic)"),
            ("github_pat_", "personal access token (fine-grained)"),
            ("gho_", "OAuth access token"),
            ("ghu_", "GitHub App user token"),
            ("ghs_", "GitHub App installation token"),
            ("ghr_", "refresh token"),
            ("v1.", "GitHub App installation token (older form)"),
        ],
    )
}

pub(super) fn npm(input: &Input<'_>) -> Reading {
    named(input, &[("npm_", "access token")])
}

/// Routable tokens name whom they belong to, in base36.
pub(super) fn gitlab(input: &Input<'_>) -> Reading {
    let Reading::Facts(mut facts) = named(
        input,
        &[
            ("glpat-", "personal, project or group access token"),
            ("glptt-", "pipeline trigger token"),
            ("gldt-", "deploy token"),
            ("glrt-", "runner authentication token"),
            ("glrtr-", "runner registration token"),
            ("glcbt-", "CI/CD job token"),
            ("glft-", "feed token"),
            ("glimt-", "incoming mail token"),
            ("glagent-", "agent token"),
            ("gloas-", "OAuth application secret"),
            ("glsoat-", "SCIM token"),
            ("glffct-", "feature flags client token"),
            ("GR1348941", "runner registration token (older form)"),
        ],
    ) else {
        return Reading::Facts(Vec::new());
    };
    let routing = parse_gitlab(input.value).map(|(_, routing)| routing).unwrap_or_default();
    for line in String::from_utf8_lossy(&routing).lines().take(16) {
        let Some((key, value)) = line.split_once(':') else { continue };
        let name = match key {
            "c" => "cell id",
            "g" => "group id",
            "o" => "organization id",
            "p" => "project id",
            "u" => "user id",
            _ => continue,
        };
        facts.extend(u64::from_str_radix(value, 36).ok().map(|id| fact(name, id.to_string())));
    }
    Reading::Facts(facts)
}

/// Source: <https://docs.stripe.com/keys>
pub(super) fn stripe(input: &Input<'_>) -> Reading {
    let text = String::from_utf8_lossy(input.value);
    let Some((kind, rest)) = text.split_once('_') else {
        return Reading::Rejected("no prefix of a Stripe key");
    };
    let kind = match kind {
        "sk" => "secret key",
        "rk" => "restricted key",
        "pk" => "publishable key",
        "whsec" => return Reading::Facts(vec![fact("kind", "webhook signing secret")]),
        _ => return Reading::Rejected("no prefix of a Stripe key"),
    };
    let mut facts = vec![fact("kind", kind)];
    match rest.split('_').next() {
        Some("live") => facts.push(fact("mode", "live")),
        Some("test") => facts.push(fact("mode", "test")),
        _ => {}
    }
    Reading::Facts(facts)
}

/// Source: <https://api.slack.com/authentication/token-types>
pub(super) fn slack(input: &Input<'_>) -> Reading {
    let reading = named(
        input,
        &[
            ("xoxb-", "bot token"),
            ("xoxp-", "user token"),
            ("xoxa-", "workspace access token"),
            ("xoxr-", "refresh token"),
            ("xoxe", "refreshable token"),
            ("xoxc-", "client session token"),
            ("xoxd-", "client session cookie"),
            ("xoxs-", "legacy session token"),
            ("xapp-", "app-level token"),
            ("https://hooks.slack.com/", "incoming webhook"),
        ],
    );
    let Reading::Facts(mut facts) = reading else { return reading };
    let text = String::from_utf8_lossy(input.value);
    if let Some((_, path)) = text.split_once("/services/") {
        let mut ids = path.split('/');
        facts
            .extend(ids.next().filter(|id| id.starts_with('T')).map(|id| fact("workspace id", id)));
        facts.extend(ids.next().filter(|id| id.starts_with('B')).map(|id| fact("webhook id", id)));
        return Reading::Facts(facts);
    }
    let parts: Vec<&str> = text.split('-').collect();
    let number =
        |part: &&str| (9..=16).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit());
    match parts.as_slice() {
        ["xapp", _, app, ..] if app.starts_with('A') => facts.push(fact("app id", *app)),
        ["xoxb" | "xoxp" | "xoxa", numbers @ .., _] => {
            let names = ["workspace number", "user number", "app number"];
            for (name, id) in names.into_iter().zip(numbers.iter().filter(|part| number(part))) {
                facts.push(fact(name, *id));
            }
        }
        _ => {}
    }
    Reading::Facts(facts)
}

/// `<bot id>:<35 characters>`. Source: <https://core.telegram.org/bots/api#authorizing-your-bot>
pub(super) fn telegram(input: &Input<'_>) -> Reading {
    let text = String::from_utf8_lossy(input.value);
    match text.split_once(':') {
        Some((id, _))
            if !id.is_empty() && id.len() < 20 && id.bytes().all(|c| c.is_ascii_digit()) =>
        {
            Reading::Facts(vec![fact("bot id", id)])
        }
        _ => Reading::Rejected("no bot id before the colon"),
    }
}

pub(super) fn discord(input: &Input<'_>) -> Reading {
    match discord_user_id(input.value) {
        Some(id) => {
            // Ids count milliseconds since 2015 above 22 lower bits.
            let made = super::rfc3339(((id >> 22) + 1_420_070_400_000) / 1000);
            let mut facts = vec![fact("user id", id.to_string())];
            facts.extend(made.map(|time| fact("account created", time)));
            Reading::Facts(facts)
        }
        None => Reading::Rejected("the first part is no user id"),
    }
}

fn named(input: &Input<'_>, prefixes: &[(&str, &str)]) -> Reading {
    let kind = prefixes.iter().find(|(prefix, _)| input.value.starts_with(prefix.as_bytes()));
    Reading::Facts(kind.map(|(_, kind)| fact("kind", *kind)).into_iter().collect())
}
