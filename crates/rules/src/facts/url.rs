//! URLs with credentials: everything but the password.

use super::{Input, Reading, fact};

pub(super) fn read(input: &Input<'_>) -> Reading {
    // The value may be the password alone; then the URL stands around it.
    let whole = parse(input.value).or_else(|| parse(around(input)?));
    whole.map_or(Reading::Rejected("no URL with credentials"), Reading::Facts)
}

fn parse(bytes: &[u8]) -> Option<Vec<super::Fact>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (before, rest) = text.split_once("://")?;
    // A name and a sign may stand directly before the URL: `URL=redis://…`.
    let scheme_ok = |c: char| c.is_ascii_alphanumeric() || "+.-_".contains(c);
    let scheme = before.rsplit(|c| !scheme_ok(c)).next()?;
    if scheme.is_empty() || scheme.len() > 32 {
        return None;
    }
    // A password may hold a slash by mistake, so the last `@` before a query counts.
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let at = rest.get(..end)?.rfind('@')?;
    let (credentials, place) = rest.split_at_checked(at)?;
    let place = place.get(1..)?;
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let path_at = place.find(['/', '?', '#']).unwrap_or(place.len());
    let (authority, path) = place.split_at_checked(path_at)?;
    let mut facts = vec![fact("scheme", scheme.to_ascii_lowercase())];
    // Without a password the user part may itself be the secret.
    let alone = ["", "x-oauth-basic", "x", "X"].contains(&password);
    if !user.is_empty() && !alone {
        facts.push(fact("user", user));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()) => {
            (host, Some(port))
        }
        _ => (authority, None),
    };
    facts.push(fact("host", host));
    facts.extend(port.map(|port| fact("port", port)));
    let database =
        path.strip_prefix('/').unwrap_or("").split(['?', '#', '/']).next().unwrap_or_default();
    let http = scheme.starts_with("http") || scheme.starts_with("ws");
    if !database.is_empty() && !http {
        facts.push(fact("database", database));
    }
    Some(facts)
}

/// The text without spaces and quotes that the value stands in.
fn around<'a>(input: &Input<'a>) -> Option<&'a [u8]> {
    let text = input.text;
    let start = input.span.start.min(text.len());
    let end = input.span.end.clamp(start, text.len());
    let ends = |char: &u8| char.is_ascii_whitespace() || b"\"'`<>".contains(char);
    let low = text.get(..start)?.iter().rev().take(256).position(ends);
    let low = low.map_or(start.saturating_sub(256), |back| start - back);
    let high = text.get(end..)?.iter().take(256).position(ends);
    let high = high.map_or(end.saturating_add(256).min(text.len()), |on| end + on);
    text.get(low..high)
}
