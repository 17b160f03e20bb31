//! The coverage table.

use std::collections::BTreeMap;

use stanch_rules::Severity;
use stanch_rules::book::{Page, Way};
use stanch_rules::schema::{Category, Detector};

use super::text::{count, link, prose, thousands};
use super::{Entry, MARK};

/// The table as Markdown.
pub(super) fn table(entries: &[Entry<'_>]) -> String {
    let detectors: Vec<&Detector> =
        entries.iter().flat_map(|entry| &entry.source.content.detectors).collect();
    let pages: Vec<&Page> = entries.iter().flat_map(|entry| &entry.pages).collect();
    let mut out = format!(
        "<!-- {MARK} from detectors/*.toml; do not edit by hand. -->\n\n# What Stanch finds\n\n\
         {} of {}, each from one file in [detectors/](../../detectors).\n\
         [index.html](index.html) is a page to search in them by name, mark or variable; it opens from a \
         folder.\n`stanch detectors list` and `stanch detectors show ID` print the same, and \
         `stanch explain ID` says what to do about a leak.\n\
         A live check is a request, or code of Stanch, that tells whether a secret still works.\n\
         [How to write a detector file](../detectors.md)\n\n## Totals\n\n| what | detectors |\n|---|--:|\n",
        count(detectors.len(), "detector", "detectors"),
        count(entries.len(), "provider", "providers"),
    );
    let of = |fits: fn(&Detector) -> bool| detectors.iter().filter(|d| fits(d)).count();
    let can = |fits: fn(&Page) -> bool| pages.iter().filter(|page| fits(page)).count();
    for (what, number) in [
        ("all", detectors.len()),
        ("proven by a checksum or structure in the value", of(|d| d.checksum.is_some())),
        ("with a mark, a literal that every match contains", of(|d| !d.keywords.is_empty())),
        ("by shape alone, with words of the provider near", of(by_shape)),
        ("made of several parts", of(|d| !d.parts.is_empty())),
        ("found by code instead of a pattern", of(|d| d.recognizer.is_some())),
        ("with a live check", can(|page| page.verify.is_automatic())),
        ("revoked by a request or code", can(|page| page.revoke.is_automatic())),
        ("revoked by a person on a page", can(|page| matches!(page.revoke, Way::Page { .. }))),
        (
            "with an access log",
            can(|page| {
                page.access_log.is_automatic() || matches!(page.access_log, Way::Page { .. })
            }),
        ),
    ] {
        row(&mut out, &[what.to_owned(), thousands(number)]);
    }

    out.push_str("\n| severity | detectors |\n|---|--:|\n");
    for level in Severity::ALL {
        let number = detectors.iter().filter(|d| d.severity == level).count();
        row(&mut out, &[level.id().to_owned(), thousands(number)]);
    }

    let mut groups: BTreeMap<usize, Vec<&Entry<'_>>> = BTreeMap::new();
    for entry in entries {
        let category = entry.source.content.provider.category;
        let at = Category::ALL.iter().position(|one| *one == category).unwrap_or(usize::MAX);
        groups.entry(at).or_default().push(entry);
    }
    out.push_str("\n| category | providers | detectors | with a live check |\n|---|--:|--:|--:|\n");
    for group in groups.values() {
        let of_group = || group.iter().flat_map(|entry| &entry.pages);
        let live = of_group().filter(|page| page.verify.is_automatic()).count();
        let name = category(group);
        row(
            &mut out,
            &[
                format!("[{name}](#{})", name.to_lowercase().replace(' ', "-")),
                thousands(group.len()),
                thousands(of_group().count()),
                thousands(live),
            ],
        );
    }
    for group in groups.values_mut() {
        group.sort_by_key(|entry| (entry.name().to_lowercase(), entry.id()));
        out.push_str(&format!(
            "\n## {}\n\n| provider | detectors | live check | revocation | vendor |\n\
             |---|--:|---|---|---|\n",
            category(group)
        ));
        for entry in group.iter() {
            provider(&mut out, entry);
        }
    }
    out
}

fn provider(out: &mut String, entry: &Entry<'_>) {
    let live = entry.pages.iter().filter(|page| page.verify.is_automatic()).count();
    let all = entry.pages.len();
    let live = match live {
        0 => "no".to_owned(),
        some if some == all => "yes".to_owned(),
        some => format!("{some} of {all}"),
    };
    let any = |fits: fn(&Way) -> bool| entry.pages.iter().any(|page| fits(&page.revoke));
    let revoke = match () {
        () if any(Way::is_automatic) => "by request",
        () if any(|way| matches!(way, Way::Page { .. })) => "on a page",
        () => "no",
    };
    let docs = entry.source.content.provider.docs.as_deref();
    row(
        out,
        &[
            link(entry.name(), Some(&format!("{}.md", entry.id()))),
            thousands(all),
            live,
            revoke.to_owned(),
            docs.map_or_else(String::new, |url| link("docs", Some(url))),
        ],
    );
}

fn category(group: &[&Entry<'_>]) -> String {
    let name = group.first().map(|entry| entry.source.content.provider.category.name());
    prose(name.unwrap_or_default())
}

fn by_shape(detector: &Detector) -> bool {
    detector.pattern.is_some() && detector.keywords.is_empty() && detector.checksum.is_none()
}

fn row(out: &mut String, cells: &[String]) {
    out.push_str(&format!("| {} |\n", cells.join(" | ")));
}
