//! What kind of place a secret stands in, by its path: each kind leaks in a
//! way of its own and is closed in a way of its own.

use serde::Serialize;

/// A kind of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it; `Kind::told` says more")]
pub enum Kind {
    Env,
    EnvTemplate,
    Ci,
    ImageRecipe,
    ImageLayer,
    Compose,
    Orchestration,
    Infrastructure,
    InfrastructureState,
    ClientBundle,
    Mobile,
    NotebookOutput,
    Notebook,
    Log,
    ShellHistory,
    Traffic,
    ApiCollection,
    Dump,
    Backup,
    KeyFile,
    PackageConfig,
    GitCredentials,
    Editor,
    Test,
    Documentation,
    Message,
    Config,
    Source,
    CommitMessage,
    TagMessage,
    GitNote,
    ReferenceName,
    Input,
    Other,
}

impl Kind {
    /// The kind of a file by its path, with `/` or `\` between its parts.
    pub fn of(path: &str) -> Kind {
        let path = path.replace('\\', "/").to_ascii_lowercase();
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let file = File { path: &path, folders, name };
        file.kind()
    }

    /// How a secret gets out from such a place, and how to keep it from
    /// getting there: two sentences.
    pub fn told(self) -> (&'static str, &'static str) {
        match self {
            Kind::Env => (
                "It stands in an environment file. Such files travel with copies of a folder, with images built from it and with support bundles.",
                "Name `.env` in `.gitignore` and `.dockerignore`, and commit a `.env.example` without values.",
            ),
            Kind::EnvTemplate => (
                "It stands in a template of an environment file. Templates are made to be committed and copied, so the real value goes wherever the template goes.",
                "Leave the value empty in the template, or write what it should look like in words.",
            ),
            Kind::Ci => (
                "It stands in a pipeline definition. Whoever can read the repository reads it, and every run may print it into a log that is kept for months.",
                "Keep it as a masked secret variable of the build server, and map it into the one step that needs it.",
            ),
            Kind::ImageRecipe => (
                "It stands in an image recipe. `ENV`, `ARG` and `COPY` stay in the image's layers and in `docker history`, also if a later line removes them, for everybody who can pull the image.",
                "Use `RUN --mount=type=secret` while building, and pass the value when the container starts.",
            ),
            Kind::ImageLayer => (
                "It stands in an image layer. Layers are never changed: whoever can pull the image has it, also if a later layer deletes the file.",
                "Build the image again without it, delete the old tags, and use `RUN --mount=type=secret`.",
            ),
            Kind::Compose => (
                "It stands in a Compose file, which is committed and copied from machine to machine.",
                "Write `${NAME:?}` and keep the value in an environment that is not committed, or use `secrets:`.",
            ),
            Kind::Orchestration => (
                "It stands in a manifest or chart. Base64 in a Kubernetes Secret hides nothing, and manifests are read by everybody who deploys.",
                "Refer to a Secret with `secretKeyRef` and create that Secret from a secrets manager.",
            ),
            Kind::Infrastructure => (
                "It stands in infrastructure code. Its value also lands in plan output and in the state file.",
                "Declare a variable with `sensitive = true`, or read the value from a secrets manager with a data source.",
            ),
            Kind::InfrastructureState => (
                "It stands in a Terraform state file. State holds all values of all resources in plain text.",
                "Keep state in a remote backend that is encrypted and has few readers, and never commit it. Other values in the same file leaked too.",
            ),
            Kind::ClientBundle => (
                "It stands in code that browsers download. Every visitor has it, and so do the caches and archives that crawl the site.",
                "Let a server of yours make the call. No variable of a front-end build is secret, whatever its name.",
            ),
            Kind::Mobile => (
                "It stands in a file that is packed into an app. Whoever has the app can unpack it.",
                "Let a server of yours make the call, or give each installation a token of its own.",
            ),
            Kind::NotebookOutput => (
                "It stands in the output of a notebook cell: the code is clean, but a cell printed the value and the notebook keeps what it prints.",
                "Clear outputs before committing: `jupyter nbconvert --clear-output --inplace FILE`, or a filter such as nbstripout.",
            ),
            Kind::Notebook => (
                "It stands in a notebook cell. Notebooks are shared by mail and chat, and rendered in full by code hosts.",
                "Read it from the environment or with `getpass.getpass()` in the cell.",
            ),
            Kind::Log => (
                "It stands in a log. Something printed the value, and logs are copied to collectors, tickets and mails that keep them for long.",
                "Find the line of code that logs it and mask it there, and delete the value from the log collector as well.",
            ),
            Kind::ShellHistory => (
                "It stands in a shell's history: it was typed as part of a command, where the process list showed it too.",
                "Give it on standard input or in a variable that was read with `read -rs`.",
            ),
            Kind::Traffic => (
                "It stands in recorded traffic. Recordings keep headers, and headers keep tokens.",
                "Let the recorder filter `Authorization` and cookies before it writes, and record again.",
            ),
            Kind::ApiCollection => (
                "It stands in an exported collection or environment of an API client, which is made to be shared.",
                "Keep it in a variable of the client's local vault, and export without current values.",
            ),
            Kind::Dump => (
                "It stands in a dump of a data store. Dumps are copied to developers' machines and to buckets, and hold other people's data as well.",
                "Keep dumps out of the repository, and replace credentials when dumping.",
            ),
            Kind::Backup => (
                "It stands in a leftover copy of a file. The file itself may be clean; nobody looked at the copy.",
                "Delete the copy, and name its ending in `.gitignore`.",
            ),
            Kind::KeyFile => (
                "It stands in a key file, which was meant to stay on one machine.",
                "Keep key files outside of any repository, readable for one user, and mount them where they are needed.",
            ),
            Kind::PackageConfig => (
                "It stands in the configuration of a package manager, which builds need and which is therefore often committed.",
                "Write a reference such as `${NAME}` (`%NAME%` in nuget.config) and let the build give the value.",
            ),
            Kind::GitCredentials => (
                "It stands where Git keeps addresses and credentials in plain text. Copies of the folder and backups carry it along.",
                "Set the address without a password: `git remote set-url origin URL`, and use a credential manager.",
            ),
            Kind::Editor => (
                "It stands in the settings of an editor, which are synchronised and committed with the project.",
                "Keep personal settings out of the repository, and refer to an environment variable in shared ones.",
            ),
            Kind::Test => (
                "It stands in a test or a fixture. Test code is read by everybody and reviewed by few, and recorded answers keep what they were sent.",
                "Generate a value in the test, or let the test fail with a clear message when the variable is not set.",
            ),
            Kind::Documentation => (
                "It stands in documentation. Somebody pasted a command or an answer that worked.",
                "Write a placeholder such as `YOUR_TOKEN`, and look at the whole page again: pasted output rarely holds only one secret.",
            ),
            Kind::Message => (
                "It stands in a saved mail or chat. Everybody who took part has a copy.",
                "Send a link to an entry of a password manager instead of a value.",
            ),
            Kind::Config => (
                "It stands in a configuration file that is kept beside the code.",
                "Write a reference, and give the value to the process in its environment or from a secrets manager.",
            ),
            Kind::Source => (
                "It is written into source code. Everybody who can read or run the program can read it: clones, forks, builds, stack traces.",
                "Read it when the program starts, and stop with a clear error if it is not there.",
            ),
            Kind::CommitMessage => (
                "It stands in a commit message, or in the name or address of its author. Code hosts show it on many pages and mail it to watchers.",
                "Only a rewritten history takes it away; no change of a file does.",
            ),
            Kind::TagMessage => (
                "It stands in the message of a tag, which release pages show.",
                "Delete the tag here and on the server, and make it again without the value.",
            ),
            Kind::GitNote => (
                "It stands in a Git note. Notes are pushed apart from branches, so a look at the branches does not show it.",
                "Remove the note with `git notes remove`, and rewrite `refs/notes`.",
            ),
            Kind::ReferenceName => (
                "It stands in the name of a branch or tag, which every `git ls-remote` shows without cloning.",
                "Delete the reference on the server.",
            ),
            Kind::Input => (
                "It came on standard input, so where it is kept is known to whoever sent it.",
                "Look for the place that it came from.",
            ),
            Kind::Other => (
                "It stands in a file of no known kind.",
                "Take it out, and look at what writes the file.",
            ),
        }
    }
}

struct File<'p> {
    path: &'p str,
    folders: &'p str,
    name: &'p str,
}

impl File<'_> {
    fn kind(&self) -> Kind {
        // What tells most comes first: a `.env` of a test is still a `.env`.
        if let Some(kind) = self.by_name() {
            return kind;
        }
        if self.is_below(&[
            "test",
            "tests",
            "spec",
            "specs",
            "__tests__",
            "fixtures",
            "testdata",
            "cassettes",
            "mocks",
            "e2e",
        ]) || self.name.starts_with("test_")
            || ["_test.", ".test.", "_spec.", ".spec."].iter().any(|mark| self.name.contains(mark))
        {
            return Kind::Test;
        }
        self.by_ending()
    }

    fn by_name(&self) -> Option<Kind> {
        let (name, path) = (self.name, self.path);
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        let is = |names: &[&str]| names.contains(&name);
        let has = |part: &str| format!("/{path}").contains(part);
        let env = name == ".env"
            || name.starts_with(".env.")
            || ends(&[".env"])
            || is(&[".envrc", ".flaskenv"]);
        if env || name.starts_with("env.") {
            let template = ["example", "sample", "template", "dist"];
            let is_template = template.iter().any(|word| name.contains(word));
            if env || is_template {
                return Some(if is_template { Kind::EnvTemplate } else { Kind::Env });
            }
        }
        Some(
            if has("/.github/workflows/")
                || has("/.gitlab/ci/")
                || has("/.circleci/")
                || has("/.buildkite/")
                || has("/.woodpecker/")
                || has("/.teamcity/")
                || is(&[
                    "jenkinsfile",
                    ".travis.yml",
                    ".drone.yml",
                    "appveyor.yml",
                    ".appveyor.yml",
                ])
                || name.ends_with(".gitlab-ci.yml")
                || name.starts_with("azure-pipelines")
                || name.starts_with("bitbucket-pipelines")
                || name.starts_with("cloudbuild.")
                || name.starts_with("buildspec.")
            {
                Kind::Ci
            } else if name.starts_with("dockerfile")
                || name.starts_with("containerfile")
                || ends(&[".dockerfile"])
            {
                Kind::ImageRecipe
            } else if has("/blobs/sha256/") || ends(&["layer.tar"]) {
                Kind::ImageLayer
            } else if name.starts_with("docker-compose") || is(&["compose.yml", "compose.yaml"]) {
                Kind::Compose
            } else if ends(&[".tfstate", ".tfstate.backup"]) {
                Kind::InfrastructureState
            } else if ends(&[".tf", ".tfvars", ".tf.json", ".bicep", ".bicepparam"]) {
                Kind::Infrastructure
            } else if ends(&[".ipynb"]) {
                Kind::Notebook
            } else if ends(&[".log", ".log.gz"])
                || name.contains(".log.")
                || self.is_below(&["logs", "log"])
            {
                Kind::Log
            } else if ends(&["_history"]) && name.starts_with('.')
                || is(&["consolehost_history.txt"])
            {
                Kind::ShellHistory
            } else if ends(&[".har", ".pcap", ".saz"]) {
                Kind::Traffic
            } else if name.contains("postman")
                || ends(&[".bru", ".http", ".rest"])
                || name.contains("insomnia")
            {
                Kind::ApiCollection
            } else if ends(&[".sql", ".dump", ".sqlite", ".db"]) {
                Kind::Dump
            } else if ends(&[".bak", ".old", ".orig", ".swp", ".save", "~", ".rej"]) {
                Kind::Backup
            } else if ends(&[
                ".pem",
                ".key",
                ".pfx",
                ".p12",
                ".jks",
                ".keystore",
                ".ppk",
                ".publishsettings",
                ".asc",
                ".kdbx",
            ]) || is(&["id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"])
            {
                Kind::KeyFile
            } else if is(&[
                ".npmrc",
                ".yarnrc",
                ".yarnrc.yml",
                "nuget.config",
                ".pypirc",
                "pip.conf",
                "pip.ini",
                "settings.xml",
                "auth.json",
                "gradle.properties",
                "bunfig.toml",
                ".netrc",
                "_netrc",
                ".condarc",
            ]) || has("/.cargo/config")
                || has("/.bundle/config")
                || has("/.docker/config.json")
            {
                Kind::PackageConfig
            } else if name == ".git-credentials" || has("/.git/") {
                Kind::GitCredentials
            } else if self.is_below(&[".vscode", ".idea", ".vs", ".fleet"]) {
                Kind::Editor
            } else if is(&[
                "androidmanifest.xml",
                "google-services.json",
                "googleservice-info.plist",
                "info.plist",
            ]) || ends(&[".xcconfig", ".pbxproj"])
                || has("/res/values/")
            {
                Kind::Mobile
            } else if ends(&[".min.js", ".bundle.js", ".chunk.js", ".js.map"])
                || self.is_below(&[".next", "wwwroot"])
                || (self.is_below(&["dist", "public", "static", "www"])
                    && ends(&[".js", ".mjs", ".html", ".map", ".css"]))
            {
                Kind::ClientBundle
            } else if self.is_below(&[
                "k8s",
                "kubernetes",
                "helm",
                "charts",
                "manifests",
                "kustomize",
            ]) || is(&["kustomization.yaml", "chart.yaml", "kubeconfig"])
            {
                Kind::Orchestration
            } else if ends(&[".eml", ".msg", ".mbox"]) {
                Kind::Message
            } else {
                return None;
            },
        )
    }

    fn by_ending(&self) -> Kind {
        let ending = self.name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending {
            "md" | "mdx" | "rst" | "adoc" | "txt" | "html" | "htm" | "docx" | "pdf" | "org" => {
                Kind::Documentation
            }
            "yml" | "yaml" | "json" | "jsonc" | "json5" | "toml" | "ini" | "cfg" | "conf"
            | "config" | "properties" | "xml" | "plist" | "cnf" => Kind::Config,
            _ if crate::Language::of(std::path::Path::new(self.name)).is_some() => Kind::Source,
            "c" | "h" | "cc" | "cpp" | "hpp" | "swift" | "m" | "scala" | "groovy" | "dart"
            | "ex" | "exs" | "lua" | "pl" | "r" | "vb" | "fs" | "clj" | "hs" | "vue" | "svelte"
            | "bat" | "cmd" | "gradle" => Kind::Source,
            _ => Kind::Other,
        }
    }

    fn is_below(&self, folders: &[&str]) -> bool {
        self.folders.split('/').any(|folder| folders.contains(&folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_the_kind_of_place() {
        for (path, kind) in [
            (".env", Kind::Env),
            ("tests/.env.production", Kind::Env),
            ("deploy/prod.env", Kind::Env),
            (".env.example", Kind::EnvTemplate),
            (".github/workflows/ci.yml", Kind::Ci),
            ("azure-pipelines.yml", Kind::Ci),
            ("ci/azure-pipelines-nightly.yaml", Kind::Ci),
            ("Dockerfile", Kind::ImageRecipe),
            ("docker-compose.prod.yml", Kind::Compose),
            ("infra/main.tf", Kind::Infrastructure),
            ("terraform.tfstate", Kind::InfrastructureState),
            ("web/dist/app.js", Kind::ClientBundle),
            ("public/index.html", Kind::ClientBundle),
            ("notebooks/a.ipynb", Kind::Notebook),
            ("var/logs/build.txt", Kind::Log),
            (".bash_history", Kind::ShellHistory),
            ("nuget.config", Kind::PackageConfig),
            ("NuGet.Config", Kind::PackageConfig),
            ("Demo.publishsettings", Kind::KeyFile),
            ("src/config.py.bak", Kind::Backup),
            ("tests/test_api.py", Kind::Test),
            ("pkg/api_test.go", Kind::Test),
            ("README.md", Kind::Documentation),
            ("src\\app\\Program.cs", Kind::Source),
            ("config/app.yaml", Kind::Config),
            ("charts/api/values.yaml", Kind::Orchestration),
            (".git/config", Kind::GitCredentials),
            ("blob", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(Kind::of(path), kind, "{path}");
        }
    }
}
