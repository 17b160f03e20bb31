//! The index of the detectors in docs/detectors in a real browser, opened from
//! its folder, as wide as a telephone and as a desk.

#[path = "support/browser.rs"]
mod browser;

use std::path::Path;

use browser::Browser;

/// How many pixels of a page stand out of the window.
const OVERFLOW: &str =
    "document.documentElement.scrollWidth - document.documentElement.clientWidth";

/// What is shown, by the ids of the detectors.
const SHOWN: &str = "[...document.querySelectorAll('li')].filter(li => li.checkVisibility()).map(li => li.querySelector('code').textContent)";

/// Sets a field as a person would, and tells what is shown then.
fn set(browser: &mut Browser, field: &str, value: &str) -> Vec<String> {
    browser.ask(&format!(
        "(e => {{ e.value = {value:?}; e.dispatchEvent(new Event('input', {{ bubbles: true }})) }})(document.getElementById({field:?}))"
    ));
    shown(browser)
}

fn shown(browser: &mut Browser) -> Vec<String> {
    serde_json::from_value(browser.ask(SHOWN)).unwrap_or_default()
}

#[test]
fn detectors_are_found_by_name_mark_variable_and_filters() {
    let index = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/detectors/index.html");
    let index = index.canonicalize().unwrap();
    let all = stanch_detectors::pack().rules.len();
    let book = stanch_detectors::book();
    for (width, height) in [(390, 844), (1280, 900)] {
        let mut browser = Browser::start();
        browser.open(&index, width, height);
        assert_eq!(browser.ask(OVERFLOW), 0, "{width}");
        assert_eq!(shown(&mut browser).len(), all);
        for (typed, id) in [
            ("github classic", "github-pat-classic"),
            ("ghp_", "github-pat-classic"),
            ("ghp_AbCd", "github-pat-classic"),
            ("azure_devops_pat", "azure-devops-pat"),
            ("aws-access-key-id", "aws-access-key-id"),
        ] {
            let left = set(&mut browser, "q", typed);
            assert!(left.len() < 40 && left.iter().any(|one| one == id), "{typed}: {left:?}");
        }
        assert_eq!(set(&mut browser, "q", "no such thing"), Vec::<String>::new());
        set(&mut browser, "q", "");
        set(&mut browser, "severity", "critical");
        set(&mut browser, "category", "code-host");
        let left = set(&mut browser, "live", "1");
        assert!(!left.is_empty());
        for id in &left {
            let page = book.get(id).unwrap();
            let is = (page.severity.id(), page.category.id(), page.verify.is_automatic());
            assert_eq!(is, ("critical", "code-host", true), "{id}");
        }
        let told = browser.ask("document.querySelector('output').textContent");
        assert_eq!(told, format!("{} of {all}", left.len()));
        assert_eq!(browser.ask(OVERFLOW), 0, "{width}");
        let link = browser.ask("document.querySelector('li a').getAttribute('href')");
        let file = link.as_str().unwrap().split('#').next().unwrap().to_owned();
        assert!(index.with_file_name(&file).is_file(), "{file}");
        assert_eq!(browser.complaints(), Vec::<String>::new());

        // What is asked stands in the address, so that it can be handed on.
        let asked = browser.ask("location.hash");
        let address = format!("{}{}", index.display(), asked.as_str().unwrap());
        let mut other = Browser::start();
        other.open(Path::new(&address), width, height);
        assert_eq!(shown(&mut other), left);
        assert_eq!(other.complaints(), Vec::<String>::new());
    }
}
