use super::*;

const ACME: &str = r##"
[provider]
id       = "acme"
name     = "Acme"
category = "payment"
docs     = "https://docs.acme.example/keys"
hosts    = ["api.acme.example"]
vars     = { api = { default = "https://api.acme.example", env = "ACME_URL" } }
verify   = "whoami"
revoke   = { page = "https://acme.example/keys", how = "Delete the key." }
access_log = { none = "Acme does not log the use of keys." }

[provider.runbook]
first  = "revoke"
why    = "Money that is paid out does not come back."
revoke = ["Settings > Keys > Delete, or `DELETE /keys/{id}`.", "It answers 401 within a minute."]

[request.whoami]
method  = "GET"
url     = "{api}/me"
headers = { Key = "{secret}" }
verdict = [{ status = 200, is = "live" }, { status = 403, body = "revoked", is = "dead" }]

[[detector]]
id       = "acme-api-key"
name     = "Acme API key"
severity = "high"
risk     = "Reads and changes every order of the shop."
needs    = "the shop's name"
keywords = ["acmek_"]
pattern  = '''\b(?<secret>acmek_[A-Za-z0-9]{32})\b'''
entropy  = 3.0
env      = "ACME_API_KEY"

[[detector]]
id       = "acme-old-key"
name     = "Acme key of <old> shops"
severity = "low"
risk     = "Reads one *order*."
near     = ["acme", "acme_key"]
within   = 60
pattern  = '''\b(?<secret>[0-9a-f]{32})\b'''
verify   = { none = "Old shops have no such call." }

[detector.runbook]
first  = "replace"
"##;

const ACME_PAGE: &str = r"<!-- Written by `cargo xtask gen` from detectors/acme.toml; do not edit by hand. -->

# Acme

Payment · 2 detectors · [vendor's page](https://docs.acme.example/keys) · [acme.toml](../../detectors/acme.toml) · [all providers](README.md)

## What can be done

- **Live check** `GET https://api.acme.example/me` with `Key: {secret}`: 200 live, 403 with `revoked` dead, anything else unknown
- **Revoke** Delete the key. [Page](https://acme.example/keys)
- **Access log** not possible: Acme does not log the use of keys.
- **If it leaks** Revoke it at once. Money that is paid out does not come back.
- **How to revoke it**
  1. Settings > Keys > Delete, or `DELETE /keys/{id}`.
  2. It answers 401 within a minute.
- **Requests go to** `api.acme.example`, and nowhere else
- `{api}` is https://api.acme.example, or your own in `ACME_URL`

## Detectors

### `acme-api-key`

**Acme API key** · high

Reads and changes every order of the shop.

- **Needs beside it** the shop's name
- **Shape** 38 characters: `acmek_`, then letters and digits
- **Marks** `acmek_`
- **Entropy** at least 3 bits per byte
- **Confidence** 95 %
- **Usual variable** `ACME_API_KEY`
- **Leak page** `stanch explain acme-api-key`

### `acme-old-key`

**Acme key of \<old> shops** · low

Reads one \*order\*.

- **Shape** 32 characters: lower-case hexadecimal digits
- **Near words** `acme`, `acme_key`, at most 60 bytes before it, or 40 after it on its line
- **Confidence** 75 %
- **Live check** not possible: Old shops have no such call.
- **If it leaks** Bring a second one to everybody who uses it, then revoke it. Money that is paid out does not come back.
- **Leak page** `stanch explain acme-old-key`
";

fn made() -> Texts {
    files(&Texts::from([("detectors/acme.toml".to_owned(), ACME.to_owned())])).unwrap()
}

#[test]
fn a_page_tells_what_the_file_says() {
    assert_eq!(made()["docs/detectors/acme.md"], ACME_PAGE);
}

#[test]
fn the_table_counts_detectors_and_names_providers() {
    let table = &made()["docs/detectors/README.md"];
    for line in [
        "2 detectors of 1 provider, each from one file in [detectors/](../../detectors).",
        "| with a mark, a literal that every match contains | 1 |",
        "| by shape alone, with words of the provider near | 1 |",
        "| with a live check | 1 |",
        "| revoked by a person on a page | 2 |",
        "| high | 1 |",
        "| [Payment](#payment) | 1 | 2 | 1 |",
        "## Payment",
        "| [Acme](acme.md) | 2 | 1 of 2 | on a page | [docs](https://docs.acme.example/keys) |",
    ] {
        assert!(table.lines().any(|one| one == line), "{line} is not in\n{table}");
    }
}

#[test]
fn the_index_holds_its_data_and_loads_nothing() {
    let index = &made()["docs/detectors/index.html"];
    assert!(!index.contains("{{"), "a place was not filled");
    for outside in ["src=", "<link", "@import", "url(", "http"] {
        assert!(!index.replace("http-equiv", "").contains(outside), "{outside}");
    }
    let (_, data) = index.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_str(data).unwrap();
    assert_eq!(
        rows[0],
        serde_json::json!([
            "acme-api-key",
            "Acme API key",
            "acme",
            "Acme",
            "payment",
            "high",
            1,
            ["acmek_"],
            "ACME_API_KEY"
        ])
    );
    assert_eq!(rows[1][1], "Acme key of <old> shops");
    assert_eq!(rows[1][6], 0);
}

#[test]
fn a_check_notices_a_change_and_a_run_mends_it() {
    let root = std::env::temp_dir().join(format!("xtask-generate-{}", std::process::id()));
    fs::create_dir_all(root.join("detectors")).unwrap();
    fs::write(root.join("detectors/acme.toml"), ACME).unwrap();
    let good = |check| generate(&root, check).unwrap() == ExitCode::SUCCESS;
    assert!(!good(true), "nothing was written yet");
    assert!(!root.join(FOLDER).exists(), "a check writes nothing");
    assert!(good(false) && good(true));

    fs::write(root.join("detectors/acme.toml"), ACME.replace("Acme API key", "Acme shop key"))
        .unwrap();
    assert!(!good(true));
    let page = || fs::read_to_string(root.join("docs/detectors/acme.md")).unwrap();
    assert!(!page().contains("Acme shop key"));
    assert!(good(false) && good(true) && page().contains("Acme shop key"));

    // Of a provider that is gone nothing is left, and own files stay.
    fs::write(root.join("docs/detectors/notes.md"), "Somebody's own.\n").unwrap();
    fs::write(root.join("docs/detectors/gone.md"), page()).unwrap();
    assert!(!good(true) && good(false) && good(true));
    assert!(!root.join("docs/detectors/gone.md").exists());
    assert!(root.join("docs/detectors/notes.md").exists());
    fs::remove_dir_all(&root).unwrap();
}

#[test]
fn pages_of_the_repository_stay_small() {
    let made = files(&read(&shell::root(), "detectors/", ".toml").unwrap()).unwrap();
    let bytes: usize = made.values().map(String::len).sum();
    assert!(bytes < 4 << 20, "{bytes} bytes in docs/detectors");
}
