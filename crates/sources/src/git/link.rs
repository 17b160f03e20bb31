//! Where a code host shows a file of a commit.

use std::path::Path;

use gix::bstr::ByteSlice;

use super::repo::Repo;

/// How to make links from commits and paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Links {
    host: Host,
    /// The repository's page, with no `/` at its end.
    base: String,
}

/// Kinds of code hosts, which differ in how they name a file's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    /// `/blob/COMMIT/PATH`
    GitHub,
    /// `/-/blob/COMMIT/PATH`
    GitLab,
    /// `/src/COMMIT/PATH`
    Bitbucket,
    /// `/browse/PATH?at=COMMIT`
    BitbucketServer,
    /// `?path=/PATH&version=GCCOMMIT`
    Azure,
    /// `/src/commit/COMMIT/PATH`
    Gitea,
}

impl Links {
    /// The links of a repository's remote: `origin`, or the only one.
    pub(crate) fn of(repo: &Repo) -> Option<Links> {
        let local = repo.local();
        let config = local.config_snapshot();
        let names = local.remote_names();
        let url = |name: &str| config.string(format!("remote.{name}.url").as_str());
        let only = || match names.len() {
            1 => url(&names.first()?.to_str_lossy()),
            _ => None,
        };
        Links::from_remote(&url("origin").or_else(only)?.to_str_lossy())
    }

    /// The links of a remote by its address; none for hosts that are not known.
    fn from_remote(url: &str) -> Option<Links> {
        let (host, path) = host_and_path(url)?;
        let name = host.split(':').next().unwrap_or(&host).to_ascii_lowercase();
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
        if path.is_empty() || path.contains(['?', '#']) || path.chars().any(char::is_control) {
            return None;
        }
        let parts: Vec<&str> = path.split('/').collect();
        if let Some(base) = azure(&name, &parts) {
            return Some(Links { host: Host::Azure, base });
        }
        let labels = |wanted: &str| name.split(['.', '-']).any(|label| label == wanted);
        let at =
            |host, path: &str| Some(Links { host, base: format!("https://{}/{path}", web(&name)) });
        if name == "bitbucket.org" || name == "altssh.bitbucket.org" {
            return Some(Links {
                host: Host::Bitbucket,
                base: format!("https://bitbucket.org/{path}"),
            });
        }
        if name.contains("gitlab") {
            at(Host::GitLab, path)
        } else if labels("bitbucket") || labels("stash") || parts.first() == Some(&"scm") {
            let base = bitbucket_server(&name, &parts)?;
            Some(Links { host: Host::BitbucketServer, base })
        } else if name.contains("gitea") || name.contains("forgejo") || name == "codeberg.org" {
            at(Host::Gitea, path)
        } else if name.contains("github") || name.ends_with(".ghe.com") {
            at(Host::GitHub, path)
        } else {
            None
        }
    }

    /// The page of a file in a commit.
    pub(crate) fn file(&self, commit: &str, path: &Path) -> String {
        let base = &self.base;
        let path = escaped(path.as_os_str().as_encoded_bytes());
        match self.host {
            Host::GitHub => format!("{base}/blob/{commit}/{path}"),
            Host::GitLab => format!("{base}/-/blob/{commit}/{path}"),
            Host::Bitbucket => format!("{base}/src/{commit}/{path}"),
            Host::BitbucketServer => format!("{base}/browse/{path}?at={commit}"),
            Host::Azure => format!("{base}?path=/{path}&version=GC{commit}"),
            Host::Gitea => format!("{base}/src/commit/{commit}/{path}"),
        }
    }
}

/// The address of a line, from 1, on a page that a finding's `url` names.
pub fn with_line(url: &str, line: u64) -> String {
    // The form of a page tells whose it is; see `Links::file`.
    if url.contains("?path=/") && url.contains("&version=GC") {
        let end = line.saturating_add(1);
        return format!(
            "{url}&line={line}&lineEnd={end}&lineStartColumn=1&lineEndColumn=1&lineStyle=plain"
        );
    }
    if url.starts_with("https://bitbucket.org/") {
        return format!("{url}#lines-{line}");
    }
    if url.contains("/browse/") && url.contains("?at=") {
        return format!("{url}#{line}");
    }
    format!("{url}#L{line}")
}

/// Host and path of a remote's address, without who is asked to log in and
/// with what.
fn host_and_path(url: &str) -> Option<(String, String)> {
    let without_login = |host: &str| host.rsplit('@').next().unwrap_or(host).to_owned();
    if let Some((scheme, rest)) = url.split_once("://") {
        let known = ["http", "https", "ssh", "git", "git+ssh", "ssh+git"];
        if !known.contains(&scheme.to_ascii_lowercase().as_str()) {
            return None;
        }
        let (host, path) = rest.split_once('/')?;
        return Some((without_login(host), path.to_owned()));
    }
    // `git@host:path`; a drive letter or a path is no host.
    let (host, path) = url.split_once(':')?;
    let host = without_login(host);
    let is_host = host.len() > 1 && !host.contains(['/', '\\']);
    is_host.then(|| (host, path.to_owned()))
}

/// The name of the web site of a host that is asked by `ssh`.
fn web(name: &str) -> &str {
    match name {
        "ssh.github.com" => "github.com",
        "altssh.gitlab.com" => "gitlab.com",
        name => name.strip_prefix("ssh.").unwrap_or(name),
    }
}

/// The page of a repository of Azure DevOps; see
/// <https://learn.microsoft.com/azure/devops/repos/git/clone>.
fn azure(name: &str, parts: &[&str]) -> Option<String> {
    let page = |organization: &str, project: &str, repository: &str| {
        format!("https://dev.azure.com/{organization}/{project}/_git/{repository}")
    };
    let old = name.strip_suffix(".visualstudio.com");
    match (name, old, parts) {
        ("dev.azure.com", _, [organization, project, "_git", repository]) => {
            Some(page(organization, project, repository))
        }
        ("dev.azure.com", _, [organization, "_git", repository]) => {
            Some(page(organization, repository, repository))
        }
        ("ssh.dev.azure.com", _, ["v3", organization, project, repository])
        | (_, Some("vs-ssh"), ["v3", organization, project, repository]) => {
            Some(page(organization, project, repository))
        }
        (_, Some(_), [.., "_git", _]) => Some(format!("https://{name}/{}", parts.join("/"))),
        _ => None,
    }
}

/// The page of a repository of Bitbucket Data Center.
fn bitbucket_server(name: &str, parts: &[&str]) -> Option<String> {
    let (project, repository) = match parts {
        [.., "scm", project, repository] | [project, repository] => (project, repository),
        _ => return None,
    };
    let web = web(name);
    Some(match project.strip_prefix('~') {
        Some(user) => format!("https://{web}/users/{user}/repos/{repository}"),
        None => format!("https://{web}/projects/{project}/repos/{repository}"),
    })
}

/// A path in an address, every byte that is not plain percent-encoded.
fn escaped(path: &[u8]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(path.len());
    for byte in path {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(*byte));
            }
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const REMOTES: &[(&str, &str)] = &[
        ("https://github.com/o/r.git", "https://github.com/o/r/blob/c0/a%20b.env#L7"),
        ("https://user:pass@github.com/o/r", "https://github.com/o/r/blob/c0/a%20b.env#L7"),
        ("git@github.com:o/r.git", "https://github.com/o/r/blob/c0/a%20b.env#L7"),
        ("ssh://git@ssh.github.com:443/o/r.git", "https://github.com/o/r/blob/c0/a%20b.env#L7"),
        ("https://github.example.org/o/r", "https://github.example.org/o/r/blob/c0/a%20b.env#L7"),
        ("git@gitlab.com:g/s/r.git", "https://gitlab.com/g/s/r/-/blob/c0/a%20b.env#L7"),
        (
            "ssh://git@gitlab.example.org:2222/g/r.git",
            "https://gitlab.example.org/g/r/-/blob/c0/a%20b.env#L7",
        ),
        ("git@bitbucket.org:o/r.git", "https://bitbucket.org/o/r/src/c0/a%20b.env#lines-7"),
        ("https://u@bitbucket.org/o/r.git", "https://bitbucket.org/o/r/src/c0/a%20b.env#lines-7"),
        (
            "https://bitbucket.example.org/scm/proj/r.git",
            "https://bitbucket.example.org/projects/proj/repos/r/browse/a%20b.env?at=c0#7",
        ),
        (
            "ssh://git@bitbucket.example.org:7999/~jo/r.git",
            "https://bitbucket.example.org/users/jo/repos/r/browse/a%20b.env?at=c0#7",
        ),
        (
            "https://o@dev.azure.com/o/p/_git/r",
            "https://dev.azure.com/o/p/_git/r?path=/a%20b.env&version=GCc0&line=7&lineEnd=8\
             &lineStartColumn=1&lineEndColumn=1&lineStyle=plain",
        ),
        (
            "git@ssh.dev.azure.com:v3/o/p/r",
            "https://dev.azure.com/o/p/_git/r?path=/a%20b.env&version=GCc0&line=7&lineEnd=8\
             &lineStartColumn=1&lineEndColumn=1&lineStyle=plain",
        ),
        (
            "o@vs-ssh.visualstudio.com:v3/o/p/r",
            "https://dev.azure.com/o/p/_git/r?path=/a%20b.env&version=GCc0&line=7&lineEnd=8\
             &lineStartColumn=1&lineEndColumn=1&lineStyle=plain",
        ),
        (
            "https://o.visualstudio.com/p/_git/r",
            "https://o.visualstudio.com/p/_git/r?path=/a%20b.env&version=GCc0&line=7&lineEnd=8\
             &lineStartColumn=1&lineEndColumn=1&lineStyle=plain",
        ),
        ("https://codeberg.org/o/r.git", "https://codeberg.org/o/r/src/commit/c0/a%20b.env#L7"),
        (
            "git@gitea.example.org:o/r.git",
            "https://gitea.example.org/o/r/src/commit/c0/a%20b.env#L7",
        ),
        (
            "https://forgejo.example.org/o/r",
            "https://forgejo.example.org/o/r/src/commit/c0/a%20b.env#L7",
        ),
    ];

    #[test]
    fn every_host_has_its_own_pages() {
        for (remote, expected) in REMOTES {
            let links = Links::from_remote(remote).unwrap_or_else(|| panic!("{remote}"));
            let page = links.file("c0", Path::new("a b.env"));
            assert_eq!(with_line(&page, 7), *expected, "{remote}");
        }
    }

    #[test]
    fn what_is_on_no_known_host_has_no_page() {
        for remote in [
            "/srv/git/r.git",
            "../r",
            "C:/r",
            "file:///srv/r.git",
            "https://git.example.org/r.git",
            "git@example.org:r",
            "https://github.com",
            "",
        ] {
            assert_eq!(Links::from_remote(remote), None, "{remote}");
        }
    }
}
