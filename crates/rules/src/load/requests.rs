//! Checks of live requests: where they go, and what is filled into them.

use std::collections::BTreeSet;

use super::{Checker, Key};
use crate::schema::{Action, Detector, Request};

impl Checker<'_, '_> {
    /// Methods and hosts of every request of the file.
    pub(super) fn requests(&mut self) {
        let provider = &self.source.content.provider;
        for (name, request) in &self.source.content.request {
            let path = [Key::Name("request"), Key::Name(name), Key::Name("url")];
            let mut url = request.url.clone();
            for (var, value) in &provider.vars {
                url = url.replace(&format!("{{{var}}}"), &value.default);
            }
            let host = url
                .split("://")
                .nth(1)
                .map(|rest| rest.split(['/', ':', '?']).next().unwrap_or(""));
            match host {
                Some(host) if provider.hosts.iter().any(|h| h == host || suffix_of(h, host)) => {}
                // A base URL without default is configured by whoever runs the check.
                None if provider.vars.iter().any(|(name, v)| {
                    v.default.is_empty() && request.url.starts_with(&format!("{{{name}}}"))
                }) => {}
                Some(host) => {
                    let message = format!(
                        "the host `{host}` is not among the provider's hosts; add it there"
                    );
                    self.fail(&path, message);
                }
                None => self.fail(&path, "the URL is not absolute".to_owned()),
            }
            if !matches!(
                request.method.as_str(),
                "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD"
            ) {
                self.fail(
                    &[Key::Name("request"), Key::Name(name), Key::Name("method")],
                    format!("`{}` is not an HTTP method in capitals", request.method),
                );
            }
        }
    }

    /// Whether everything that the detector's requests leave blank can be
    /// filled in: `names` are the groups of its pattern, or its parts.
    pub(super) fn blanks(&mut self, at: usize, detector: &Detector, names: &BTreeSet<String>) {
        let file = &self.source.content;
        let actions = [
            (detector.verify.as_ref().or(file.provider.verify.as_ref()), "verify"),
            (detector.revoke.as_ref().or(file.provider.revoke.as_ref()), "revoke"),
            (detector.access_log.as_ref().or(file.provider.access_log.as_ref()), "access_log"),
        ];
        for (action, key) in actions {
            let Some(Action::Request(name)) = action else { continue };
            let Some(request) = file.request.get(name) else { continue };
            let known = |blank: &str| {
                blank == "secret" || names.contains(blank) || file.provider.vars.contains_key(blank)
            };
            if let Some(blank) = blanks_of(request).into_iter().find(|blank| !known(blank)) {
                self.fail(
                    &[Key::Name("detector"), Key::Index(at), Key::Name(key)],
                    format!(
                        "request `{name}` has `{{{blank}}}`, which is no group of the pattern of `{}`, \
                         no part, and no base URL in `vars`",
                        detector.id
                    ),
                );
            }
        }
    }
}

/// The names in braces.
fn blanks_of(request: &Request) -> Vec<&str> {
    let basic = request.basic.iter().flat_map(|basic| [&basic.user, &basic.password]);
    let texts = [&request.url].into_iter().chain(request.headers.values()).chain(&request.body);
    let names = texts.chain(basic).flat_map(|text| {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
    });
    let is_name =
        |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    names.filter(is_name).collect()
}

fn suffix_of(pattern: &str, host: &str) -> bool {
    pattern.strip_prefix("*.").is_some_and(|rest| host.ends_with(rest) && host.len() > rest.len())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{detector, errors_of};

    #[test]
    fn a_request_to_a_foreign_host_is_refused() {
        let errors =
            errors_of("[request.whoami]\nmethod = \"GET\"\nurl = \"https://evil.example/user\"\n");
        assert_eq!(
            errors,
            [
                "acme.toml:8:7: the host `evil.example` is not among the provider's hosts; add it there"
            ]
        );
    }

    #[test]
    fn what_a_request_leaves_blank_must_be_known() {
        let request = "[request.me]\nmethod = \"GET\"\nurl = \"{api}/{account}\"\n\
                       basic = { user = \"{secret}\" }\n";
        let pattern = "keywords = [\"acme_\"]\npattern = '\\b(?<secret>acme_[a-z]{30})\\b'\n\
                       verify = \"me\"\n";
        let vars = "vars = { api = { default = \"\" } }\n\n";
        let errors = errors_of(&format!("{vars}{request}{}", detector(pattern)));
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains("`{account}`, which is no group"), "{errors:?}");
    }
}
