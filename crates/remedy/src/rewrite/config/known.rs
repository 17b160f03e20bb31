//! Formats by the names of their files: how each refers to the environment,
//! or what to do where none does.

use crate::rewrite::draft::Doc;

/// How a format refers to a variable of the environment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Syntax {
    pub(super) before: &'static str,
    pub(super) after: &'static str,
    /// What begins a comment.
    pub(super) comments: &'static [&'static str],
    /// What a person should know; empty if nothing.
    pub(super) note: &'static str,
}

const fn syntax_of(
    before: &'static str,
    after: &'static str,
    comments: &'static [&'static str],
) -> Syntax {
    Syntax { before, after, comments, note: "" }
}

const HASH: &[&str] = &["#"];
const INI: &[&str] = &["#", ";"];
const SLASHES: &[&str] = &["//"];
const XML: &[&str] = &["<!--"];
const PROPERTIES: &[&str] = &["#", "!"];

/// How this file refers to a variable, if its format can and its name says
/// which one it is.
pub(super) fn syntax(doc: &Doc<'_>) -> Option<Syntax> {
    let name = doc.file_name();
    let path = doc.path.to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is = |names: &[&str]| names.contains(&name.as_str());
    if is(&[".npmrc", "npmrc"]) {
        return Some(syntax_of("${", "}", INI));
    }
    if is(&["nuget.config"]) {
        return Some(Syntax {
            note: "NuGet reads a clear-text password only from <add key=\"ClearTextPassword\" …>.",
            ..syntax_of("%", "%", XML)
        });
    }
    if ending == "properties" && spring(stem) {
        return Some(syntax_of("${", "}", PROPERTIES));
    }
    if matches!(ending, "yml" | "yaml") && spring(stem) {
        return Some(syntax_of("${", "}", HASH));
    }
    if is(&[".yarnrc.yml"]) || beats(stem) && matches!(ending, "yml" | "yaml") {
        return Some(syntax_of("${", "}", HASH));
    }
    if is(&["settings.xml", "pom.xml"]) {
        return Some(syntax_of("${env.", "}", XML));
    }
    if ending == "xml" && stem.starts_with("logback") {
        return Some(syntax_of("${", "}", XML));
    }
    if stem.starts_with("log4j2") && ending != "yaml" {
        return Some(syntax_of("${env:", "}", if ending == "xml" { XML } else { HASH }));
    }
    if is(&["serverless.yml", "serverless.yaml"]) {
        return Some(syntax_of("${env:", "}", HASH));
    }
    if is(&["profiles.yml", "profiles.yaml"]) && doc.text.contains("outputs:") {
        return Some(syntax_of("{{ env_var('", "') }}", HASH));
    }
    if is(&["helmfile.yaml", "helmfile.yml", "helmfile.yaml.gotmpl"]) {
        return Some(syntax_of("{{ requiredEnv \"", "\" }}", HASH));
    }
    if is(&[".goreleaser.yml", ".goreleaser.yaml", "goreleaser.yml"]) {
        return Some(syntax_of("{{ .Env.", " }}", HASH));
    }
    if is(&["devcontainer.json", ".devcontainer.json"]) {
        return Some(syntax_of("${localEnv:", "}", SLASHES));
    }
    if path.contains(".vscode/") && is(&["launch.json", "tasks.json", "mcp.json"]) {
        return Some(syntax_of("${env:", "}", SLASHES));
    }
    if is(&[".mcp.json"]) {
        return Some(syntax_of("${", "}", &[]));
    }
    if stem.starts_with("requirements") && ending == "txt" || is(&["constraints.txt"]) {
        return Some(syntax_of("${", "}", HASH));
    }
    if is(&["supervisord.conf", "supervisor.conf"]) {
        return Some(syntax_of("%(ENV_", ")s", &[";", "#"]));
    }
    if is(&["grafana.ini"]) {
        return Some(syntax_of("$__env{", "}", INI));
    }
    if is(&["php.ini", ".user.ini"]) {
        return Some(syntax_of("${", "}", &[";"]));
    }
    if is(&["tox.ini"]) {
        return Some(syntax_of("{env:", "}", HASH));
    }
    if is(&["vector.toml", "telegraf.conf", "fluent-bit.conf", "logstash.conf"]) {
        return Some(syntax_of("${", "}", HASH));
    }
    if is(&["caddyfile"]) {
        return Some(syntax_of("{$", "}", HASH));
    }
    None
}

/// Files of Spring Boot, Quarkus and Micronaut.
fn spring(stem: &str) -> bool {
    ["application", "bootstrap"].iter().any(|name| {
        stem.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    })
}

fn beats(stem: &str) -> bool {
    matches!(
        stem,
        "filebeat"
            | "metricbeat"
            | "heartbeat"
            | "auditbeat"
            | "packetbeat"
            | "winlogbeat"
            | "elasticsearch"
            | "kibana"
            | "logstash"
            | "apm-server"
            | "vector"
    )
}

/// What to do with a file in which nothing can be named.
pub(in crate::rewrite) fn reason(doc: &Doc<'_>) -> &'static str {
    let name = doc.file_name();
    let path = doc.path.to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if doc.text.contains("-----BEGIN ")
        && !matches!(ending, "json" | "toml" | "md" | "ipynb" | "xml")
    {
        return "The file is a key, and cannot refer to one. Take it out of the repository with \
                `git rm --cached`, name it in .gitignore, keep the key in a secrets manager, and let \
                the program read it from a file that is mounted when it starts.";
    }
    let of_name = match name.as_str() {
        ".pypirc" => {
            "pip and twine read no variables from .pypirc. Take the file out of the repository, and \
             set TWINE_USERNAME and TWINE_PASSWORD."
        }
        "pip.conf" | "pip.ini" => {
            "pip reads no variables from its configuration. Take the address out of it, and set \
             PIP_INDEX_URL or PIP_EXTRA_INDEX_URL."
        }
        ".netrc" | "_netrc" | ".git-credentials" | ".pgpass" | ".my.cnf" | "credentials" => {
            "The file belongs to one user on one machine, and its format takes no variables. Take \
             it out of the repository with `git rm --cached`, and name it in .gitignore."
        }
        "appsettings.json" => {
            "appsettings.json takes no variables, but the environment overrides it: delete the \
             entry, and set a variable named by its path with two underscores, such as \
             ConnectionStrings__Default."
        }
        "package.json" => {
            "package.json takes no variables. Move the command into a script that reads the \
             environment."
        }
        "auth.json" => {
            "Composer takes no variables in auth.json. Take the file out of the repository, and set \
             COMPOSER_AUTH."
        }
        "gradle.properties" => {
            "gradle.properties takes no variables, but the environment overrides it: delete the \
             entry, and set ORG_GRADLE_PROJECT_ with the name of the property behind it."
        }
        "wrangler.toml" | "wrangler.json" | "wrangler.jsonc" => {
            "Variables of wrangler are published as they are. Delete the entry, and run `wrangler \
             secret put NAME`."
        }
        "fly.toml" => "Delete the entry from [env], and run `fly secrets import`.",
        "netlify.toml" | "vercel.json" | "now.json" => {
            "Delete the entry, and set the variable in the settings of the site."
        }
        "airflow.cfg" => {
            "airflow.cfg takes no variables, but the environment overrides it: delete the entry, \
             and set AIRFLOW__SECTION__KEY."
        }
        "web.config" | "app.config" => {
            "Configuration of .NET Framework takes no variables. Delete the entry, and let a \
             configuration builder (Microsoft.Configuration.ConfigurationBuilders.Environment) read \
             it from the environment."
        }
        "jenkinsfile" => {
            "Keep the secret among Jenkins' credentials, and write `environment { NAME = \
             credentials('id') }`."
        }
        "config.toml" if path.contains(".cargo/") => {
            "Cargo takes no variables in its configuration. Delete the entry, and set \
             CARGO_REGISTRIES_<NAME>_TOKEN."
        }
        "secrets.toml" if path.contains(".streamlit/") => {
            "The file is meant to hold secrets, and not to be in a repository. Take it out with \
             `git rm --cached`, and name it in .gitignore."
        }
        _ => "",
    };
    if !of_name.is_empty() {
        return of_name;
    }
    if name.starts_with("appsettings.") {
        return "appsettings files take no variables, but the environment overrides them: delete \
                the entry, and set a variable named by its path with two underscores, such as \
                ConnectionStrings__Default.";
    }
    match ending {
        "publishsettings" => {
            "A .publishsettings file is nothing but credentials. Delete it from the repository, \
             revoke the certificate or reset the publishing profile, and deploy with a service \
             principal or workload identity."
        }
        "pem" | "key" | "p12" | "pfx" | "jks" | "ppk" | "asc" => {
            "The file is a key, and cannot refer to one. Take it out of the repository with `git rm \
             --cached`, name it in .gitignore, and let the program read it from a file that is \
             mounted when it starts."
        }
        "json" | "jsonc" | "json5" | "ndjson" => {
            "JSON has no way to name a value that stands elsewhere. Let the program that reads the \
             file take this value from the environment, and delete the entry."
        }
        "ipynb" => {
            "It stands in a notebook. Read it from the environment in the cell, clear the outputs, \
             and save it again."
        }
        "toml" => {
            "TOML has no way to name a value that stands elsewhere. Let the program that reads the \
             file take this value from the environment, and delete the entry."
        }
        "ini" | "cfg" | "conf" | "cnf" => {
            "The format has no way to name a value that stands elsewhere that all its readers \
             share. Let the program that reads the file take this value from the environment, and \
             delete the entry."
        }
        "properties" => {
            "Plain .properties files take no variables. Let the program read this value with \
             System.getenv, and delete the entry."
        }
        "xml" | "config" | "plist" | "resx" | "csproj" | "props" | "targets" => {
            "The format has no way to name a value that stands elsewhere that all its readers \
             share. Let the program that reads the file take this value from the environment, and \
             delete the entry."
        }
        "html" | "htm" | "vue" | "svelte" | "astro" => {
            "Pages are sent to browsers, with everything in them. Let a server hold the secret and \
             make the call; the page asks that server."
        }
        "md" | "rst" | "txt" | "adoc" | "org" => {
            "It stands in a text for people. Delete it there, or write a name in its place."
        }
        "log" | "out" | "trace" | "har" | "dump" | "sql" | "csv" | "tsv" => {
            "It was written by a program. Delete the file from the repository, name it in \
             .gitignore, and let the program mask secrets."
        }
        "tfstate" | "tfplan" => {
            "State of Terraform contains secrets in the clear. Take it out of the repository, and \
             keep it in a remote backend with encryption."
        }
        _ => {
            "The format of this file is not known. Let the program that reads it take the secret \
              from the environment, and delete it here."
        }
    }
}
