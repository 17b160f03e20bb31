//! The site and its pages in a real browser, opened from a folder, as wide as
//! a telephone and as a desk.

#[path = "support/browser.rs"]
mod browser;
mod support;

use std::path::PathBuf;

use browser::Browser;
use support::{World, token};

const WIDTHS: [(u32, u32); 2] = [(390, 844), (1280, 900)];

fn site(world: &World) -> PathBuf {
    let run = world.run(&["explain", "--all", "--output", "site"]);
    assert_eq!(run.code, 0, "{}", run.err);
    world.tree().join("site")
}

/// How many pixels of a page stand out of the window.
const OVERFLOW: &str =
    "document.documentElement.scrollWidth - document.documentElement.clientWidth";

#[track_caller]
fn quiet(browser: &Browser) {
    let seen = browser.events.iter().any(|e| e["method"] == "Network.requestWillBeSent");
    assert!(seen, "the browser tells of no request at all, so nothing is known");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_index_filters_by_text_kind_and_severity() {
    let world = World::new();
    let site = site(&world);
    let mut browser = Browser::start();
    for (width, height) in WIDTHS {
        browser.open(&site.join("index.html"), width, height);
        assert_eq!(browser.ask(OVERFLOW), 0, "{width}");
        let shown = "[...document.querySelectorAll('ul.pages > li')].filter(li => !li.hidden).map(li => li.querySelector('a').getAttribute('href'))";
        let all = browser.ask(shown);
        let pages = stanch_detectors::pack().rules.len();
        assert_eq!(all.as_array().unwrap().len(), pages);
        for (typed, page) in [
            ("azure devops", "azure-devops-pat.html"),
            ("ghp_", "github-pat-classic.html"),
            ("AKIA", "aws-access-key-id.html"),
            ("stripe critical", "stripe-"),
        ] {
            browser.ask(&format!(
                "(q => {{ q.value = {typed:?}; q.dispatchEvent(new Event('input', {{ bubbles: true }})) }})(document.getElementById('q'))"
            ));
            let left = browser.ask(shown);
            let left = left.as_array().unwrap();
            assert!(!left.is_empty() && left.len() < 60, "{typed}: {left:?}");
            assert!(
                left.iter().any(|l| l.as_str().unwrap().starts_with(page)),
                "{typed}: {left:?}"
            );
        }
        browser.ask("(q => { q.value = ''; q.dispatchEvent(new Event('input', { bubbles: true })) })(document.getElementById('q'))");
        browser.ask("document.querySelectorAll('[name=severity]').forEach(b => { if (b.value != 'critical') b.click() })");
        let left = browser.ask("[...document.querySelectorAll('ul.pages > li')].filter(li => !li.hidden).every(li => li.dataset.severity == 'critical')");
        assert_eq!(left, true);
        browser.ask("(c => { c.value = 'code-host'; c.dispatchEvent(new Event('input', { bubbles: true })) })(document.forms[0].elements.category)");
        let left = browser.ask(shown);
        let count = left.as_array().unwrap().len();
        assert!(count > 0 && count < 40, "{left}");
        let told = browser.ask("document.querySelector('output').textContent");
        assert_eq!(told, format!("{count} of {pages}"));
    }
    quiet(&browser);
}

#[test]
fn pages_fit_switch_their_tabs_and_copy() {
    let world = World::new();
    let site = site(&world);
    world.write("src/app.go", format!("package main\n\nconst key = \"{}\"\n", token()));
    let run = world.run(&["explain", "src/app.go:3", "--output", "leak.html"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let mut browser = Browser::start();
    browser.call(
        "Browser.grantPermissions",
        serde_json::json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}),
    );
    let pages = [
        site.join("azure-devops-pat.html"),
        site.join("azure-service-management-certificate.html"),
        site.join("postgresql-url.html"),
        world.tree().join("leak.html"),
    ];
    for (width, height) in WIDTHS {
        for page in &pages {
            browser.open(page, width, height);
            let name = page.file_name().unwrap().to_string_lossy();
            assert_eq!(browser.ask(OVERFLOW), 0, "{name} {width}");
            let first = browser.ask("document.querySelector('.now li').textContent");
            assert!(first.as_str().unwrap().len() > 10, "{name}: {first}");

            let command = browser.ask("document.querySelector('#breaks pre').textContent");
            browser.ask("document.querySelector('#breaks .copy').click()");
            let copied = browser.ask(
                "new Promise(done => setTimeout(() => navigator.clipboard.readText().then(done, e => done('' + e)), 200))",
            );
            assert_eq!(copied, command, "{name}");

            // Of a snippet, the one that both tabs choose is shown.
            for (language, manager) in [("python", "vault"), ("java", "aws"), ("go", "env")] {
                browser.ask(&format!(
                    "document.querySelector('[role=tab][data-language={language}]').click()"
                ));
                browser.ask(&format!(
                    "document.querySelector('[role=tab][data-manager={manager}]').click()"
                ));
                let shown = browser.ask(
                    "[...document.querySelectorAll('#snippets details')].filter(d => !d.hidden).map(d => d.dataset.language + ' ' + d.dataset.manager + ' ' + d.querySelector('pre').checkVisibility())",
                );
                assert_eq!(
                    shown,
                    serde_json::json!([format!("{language} {manager} true")]),
                    "{name}"
                );
                let text = browser.ask("[...document.querySelectorAll('#snippets details')].find(d => !d.hidden).textContent");
                assert!(!text.as_str().unwrap().contains("STANCH"), "{text}");
            }
            assert_eq!(browser.ask(OVERFLOW), 0, "{name} {width}");
        }
    }
    quiet(&browser);
}

#[test]
fn pages_are_whole_without_script_and_on_paper() {
    let world = World::new();
    let site = site(&world);
    let mut browser = Browser::start();
    browser.call("Emulation.setScriptExecutionDisabled", serde_json::json!({"value": true}));
    browser.call("Emulation.setEmulatedMedia", serde_json::json!({"media": "print"}));
    browser.open(&site.join("azure-devops-pat.html"), 800, 1000);
    let printed = browser.call("Page.printToPDF", serde_json::json!({"printBackground": false}));
    assert!(printed["data"].as_str().unwrap().len() > 20_000);
    quiet(&browser);
}
