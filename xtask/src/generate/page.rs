//! The page of one provider.

use stanch_rules::schema::{Action, Detector, ProviderFile, Request};
use stanch_rules::words;

use super::text::{count, link, prose, sentence};
use super::{Entry, MARK};

/// The page as Markdown.
pub(super) fn page(entry: &Entry<'_>) -> String {
    let file = &entry.source.content;
    let provider = &file.provider;
    let mut out = format!(
        "<!-- {MARK} from detectors/{}.toml; do not edit by hand. -->\n\n# {}\n\n",
        provider.id,
        prose(&provider.name)
    );
    let facts = [
        Some(provider.category.name().to_owned()),
        Some(count(file.detectors.len(), "detector", "detectors")),
        provider.docs.as_deref().map(|url| link("vendor's page", Some(url))),
        Some(format!("[{0}.toml](../../detectors/{0}.toml)", provider.id)),
        Some("[all providers](README.md)".to_owned()),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    put(&mut out, &facts.join(" · "));

    let common = Told::common(file);
    put(&mut out, "\n## What can be done\n");
    common.write(&mut out);
    if !provider.hosts.is_empty() {
        let hosts: Vec<String> = provider.hosts.iter().map(|host| words::code(host)).collect();
        put(&mut out, &format!("- **Requests go to** {}, and nowhere else", hosts.join(", ")));
    }
    for (name, var) in &provider.vars {
        let default = if var.default.is_empty() { "nothing" } else { &var.default };
        let own = var.env.as_deref().map_or_else(
            || "your own".to_owned(),
            |env| format!("your own in {}", words::code(env)),
        );
        let name = words::code(&format!("{{{name}}}"));
        put(&mut out, &format!("- {name} is {default}, or {own}"));
    }
    put(&mut out, "\n## Detectors");
    for detector in &file.detectors {
        self::detector(&mut out, file, detector, &common);
    }
    out
}

fn detector(out: &mut String, file: &ProviderFile, detector: &Detector, common: &Told) {
    put(out, &format!("\n### `{}`\n", detector.id));
    put(out, &format!("**{}** · {}\n", prose(&detector.name), detector.severity.id()));
    put(out, &format!("{}\n", prose(&detector.risk)));
    let mut row = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            put(out, &format!("- **{}** {value}", sentence(label).trim_end_matches('.')));
        }
    };
    row("needs beside it", detector.needs.as_deref().map(prose));
    for line in words::recognition(detector) {
        row(line.label, Some(prose(&line.text)));
    }
    row("usual variable", detector.env.as_deref().map(words::code));
    row("vendor's page", detector.docs.as_deref().map(|url| link(url, Some(url))));
    Told::of(file, Some(detector)).except(common).write(out);
    put(out, &format!("- **Leak page** `stanch explain {}`", detector.id));
}

/// What can be done about a secret; what is absent is told elsewhere.
#[derive(Default, PartialEq)]
struct Told {
    verify: Option<String>,
    revoke: Option<String>,
    access_log: Option<String>,
    create: Option<String>,
    first: Option<String>,
    steps: Vec<String>,
}

impl Told {
    /// Of a detector, or of what its provider says for all.
    fn of(file: &ProviderFile, detector: Option<&Detector>) -> Told {
        let provider = &file.provider;
        let way = |own: Option<&Option<Action>>, below: &Option<Action>| {
            let own = own.and_then(Option::as_ref);
            own.or(below.as_ref()).map(|action| way(action, file))
        };
        let create = detector.and_then(|d| d.create.as_deref()).or(provider.create.as_deref());
        let runbook = match detector {
            Some(detector) => detector.runbook.over(&provider.runbook),
            None => provider.runbook.clone(),
        };
        let first = runbook.first.map(|first| {
            let why = runbook.why.as_deref().map_or_else(String::new, |why| format!(" {why}"));
            prose(&format!("{}{why}", sentence(words::first(first))))
        });
        Told {
            verify: way(detector.map(|d| &d.verify), &provider.verify),
            revoke: way(detector.map(|d| &d.revoke), &provider.revoke),
            access_log: way(detector.map(|d| &d.access_log), &provider.access_log),
            create: create.map(|place| match place.starts_with("https://") {
                true => link(place, Some(place)),
                false => prose(place),
            }),
            first,
            steps: runbook.revoke.iter().map(|step| prose(step)).collect(),
        }
    }

    /// What is told once for the whole page: the provider's own words where any
    /// detector uses them, otherwise what all detectors agree on.
    fn common(file: &ProviderFile) -> Told {
        let all: Vec<Told> = file.detectors.iter().map(|d| Told::of(file, Some(d))).collect();
        let own = Told::of(file, None);
        let text = |field: fn(&Told) -> &Option<String>| agreed(field(&own), all.iter().map(field));
        Told {
            verify: text(|told| &told.verify),
            revoke: text(|told| &told.revoke),
            access_log: text(|told| &told.access_log),
            create: text(|told| &told.create),
            first: text(|told| &told.first),
            steps: agreed(&own.steps, all.iter().map(|told| &told.steps)),
        }
    }

    /// What differs from what was told already.
    fn except(mut self, common: &Told) -> Told {
        for (own, common) in [
            (&mut self.verify, &common.verify),
            (&mut self.revoke, &common.revoke),
            (&mut self.access_log, &common.access_log),
            (&mut self.create, &common.create),
            (&mut self.first, &common.first),
        ] {
            if own == common {
                *own = None;
            }
        }
        if self.steps == common.steps {
            self.steps.clear();
        }
        self
    }

    fn write(&self, out: &mut String) {
        for (label, value) in [
            ("Live check", &self.verify),
            ("Revoke", &self.revoke),
            ("Access log", &self.access_log),
            ("Made at", &self.create),
            ("If it leaks", &self.first),
        ] {
            if let Some(value) = value {
                put(out, &format!("- **{label}** {value}"));
            }
        }
        if !self.steps.is_empty() {
            put(out, "- **How to revoke it**");
            for (at, step) in self.steps.iter().enumerate() {
                put(out, &format!("  {}. {step}", at + 1));
            }
        }
    }
}

fn agreed<'t, T: Clone + Default + PartialEq + 't>(
    own: &'t T,
    mut all: impl Iterator<Item = &'t T> + Clone,
) -> T {
    if all.clone().any(|one| one == own) {
        return own.clone();
    }
    match all.next() {
        Some(first) if all.all(|one| one == first) => first.clone(),
        _ => T::default(),
    }
}

fn way(action: &Action, file: &ProviderFile) -> String {
    match action {
        Action::Request(name) => {
            file.request.get(name).map_or_else(|| words::code(name), |asked| request(asked, file))
        }
        Action::Handler { handler } => format!("built in ({})", words::code(handler)),
        Action::Page { page, how } => format!("{} {}", prose(how), link("Page", Some(page))),
        Action::None { none } => format!("not possible: {}", prose(none)),
    }
}

/// A request with its placeholders, and what its answers prove.
fn request(request: &Request, file: &ProviderFile) -> String {
    let line = format!("{} {}", request.method, request.filled_url(&file.provider));
    let mut with: Vec<String> = request
        .headers
        .iter()
        .map(|(name, value)| words::code(&format!("{name}: {value}")))
        .collect();
    if let Some(basic) = &request.basic {
        let login = words::code(&format!("{}:{}", basic.user, basic.password));
        with.push(format!("the Basic login {login}"));
    }
    with.extend(request.body.as_deref().map(|body| format!("the body {}", words::code(body))));
    let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(", ")) };
    format!("{}{with}: {}", words::code(&line), prose(&words::verdicts(&request.verdict)))
}

fn put(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}
