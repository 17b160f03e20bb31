//! Path patterns, and how paths of a scan relate to the folder of the file
//! that has the patterns.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};
use stanch_scan::Origin;

/// Patterns in the manner of `.gitignore`: a pattern with a `/` inside is
/// relative to its folder, one without matches at any depth, and what matches
/// a folder covers everything below it. There is no negation.
#[derive(Debug, Clone)]
pub(crate) struct Patterns {
    set: GlobSet,
    /// For each glob of the set, the pattern it was made from.
    of: Vec<usize>,
    /// For each glob of the set, whether it is for folders only.
    folders_only: Vec<bool>,
}

/// Whether patterns with a `/` inside are tied to their folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// They are, as in `.gitignore`.
    Folder,
    /// Only those that begin with `/` are.
    LeadingSlash,
}

impl Patterns {
    /// Compiles patterns.
    ///
    /// # Errors
    /// The index of the pattern that is not understood, and why.
    pub(crate) fn new(patterns: &[String], anchor: Anchor) -> Result<Patterns, (usize, String)> {
        let mut set = GlobSetBuilder::new();
        let (mut of, mut folders_only) = (Vec::new(), Vec::new());
        for (index, pattern) in patterns.iter().enumerate() {
            let fault = |message: &str| (index, message.to_owned());
            if pattern.starts_with('!') {
                return Err(fault("patterns cannot be negated; list what to match instead"));
            }
            let core = pattern.strip_prefix("./").unwrap_or(pattern);
            let core = core.strip_suffix('/').unwrap_or(core);
            let rooted = core.strip_prefix('/');
            let core = rooted.unwrap_or(core);
            if core.is_empty() {
                return Err(fault("the pattern is empty"));
            }
            let tied = rooted.is_some() || anchor == Anchor::Folder && core.contains('/');
            let prefix = if tied || core.starts_with("**/") { "" } else { "**/" };
            let mut add = |glob: String, folders: bool| {
                let glob = GlobBuilder::new(&glob)
                    .literal_separator(true)
                    .backslash_escape(true)
                    .build()
                    .map_err(|error| (index, error.kind().to_string()))?;
                set.add(glob);
                of.push(index);
                folders_only.push(folders);
                Ok(())
            };
            add(format!("{prefix}{core}"), pattern.ends_with('/'))?;
            add(format!("{prefix}{core}/**"), false)?;
        }
        let set = set.build().map_err(|error| (0, error.to_string()))?;
        Ok(Patterns { set, of, folders_only })
    }

    /// The indices of the patterns that match a path, as
    /// [`Place::relative`] gives it.
    pub(crate) fn matching(&self, path: &str, folder: bool) -> Vec<usize> {
        let globs = self.set.matches_candidate(&Candidate::new(path));
        let fits = |glob: &usize| folder || self.folders_only.get(*glob) != Some(&true);
        globs.iter().filter(|glob| fits(glob)).filter_map(|g| self.of.get(*g).copied()).collect()
    }

    /// Whether any pattern matches.
    pub(crate) fn matches(&self, path: &str, folder: bool) -> bool {
        !self.matching(path, folder).is_empty()
    }
}

/// A folder that paths are put relative to.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    folder: PathBuf,
    roots: Arc<Vec<(PathBuf, PathBuf)>>,
}

impl Place {
    /// A place for the paths of a scan of `roots`.
    pub(crate) fn new(folder: &Path, roots: &[PathBuf]) -> Place {
        let roots = roots.iter().map(|root| (root.clone(), canonical(root))).collect();
        Place { folder: canonical(folder), roots: Arc::new(roots) }
    }

    /// A path of the scan relative to the folder, with `/` between its parts.
    /// Paths outside the folder keep all their parts, so that only patterns
    /// for any depth match them.
    pub(crate) fn relative(&self, path: &Path) -> String {
        let absolute = self
            .roots
            .iter()
            .find_map(|(given, real)| Some(join(real, path.strip_prefix(given).ok()?)))
            .unwrap_or_else(|| normal(&std::path::absolute(path).unwrap_or(path.to_owned())));
        slashed(absolute.strip_prefix(&self.folder).unwrap_or(&absolute))
    }

    /// The place of a finding relative to the folder. What is in a repository
    /// is named from the root of the scan.
    pub(crate) fn of(&self, origin: &Origin) -> String {
        match (origin.git(), self.roots.first()) {
            (Some(place), Some((root, _))) => self.relative(&root.join(&place.path)),
            _ => self.relative(origin.path()),
        }
    }

    /// Whether the scan reads all of the folder, as far as its roots tell.
    pub(crate) fn covered(&self) -> bool {
        self.roots.iter().any(|(_, real)| self.folder.starts_with(real))
    }
}

/// A path without links, or as it stands where the system does not know it.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    // The parent of a bare file name is empty, and means the working folder.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let absolute = || normal(&std::path::absolute(path).unwrap_or(path.to_owned()));
    path.canonicalize().unwrap_or_else(|_| absolute())
}

/// A join that leaves no slash behind a path that is a file.
fn join(root: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { root.to_owned() } else { root.join(rest) }
}

fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// The parts of a path with `/` between them, whatever the system writes.
pub(crate) fn slashed(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, anchor: Anchor, path: &str) -> bool {
        Patterns::new(&[pattern.to_owned()], anchor).unwrap().matches(path, false)
    }

    #[test]
    fn patterns_match_like_those_of_gitignore() {
        let check = |pattern, path| matches(pattern, Anchor::Folder, path);
        assert!(check("testdata", "a/testdata/key.pem"));
        assert!(check("testdata/", "a/testdata/key.pem"));
        assert!(!check("testdata/", "a/testdata"));
        assert!(check("*.pem", "a/b.pem"));
        assert!(check("docs/*.md", "docs/a.md"));
        assert!(!check("docs/*.md", "docs/b/a.md"));
        assert!(!check("docs/*.md", "x/docs/a.md"));
        assert!(check("docs/**/*.md", "docs/b/c/a.md"));
        assert!(check("/a.md", "a.md"));
        assert!(!check("/a.md", "b/a.md"));
        assert!(matches("docs/*", Anchor::LeadingSlash, "x/docs/a"));
    }

    #[test]
    fn negation_and_broken_patterns_are_refused_by_index() {
        let patterns = ["a".to_owned(), "!b".to_owned()];
        assert_eq!(Patterns::new(&patterns, Anchor::Folder).unwrap_err().0, 1);
        assert_eq!(Patterns::new(&["[".to_owned()], Anchor::Folder).unwrap_err().0, 0);
    }

    #[test]
    fn the_folder_of_a_bare_file_name_is_the_working_folder() {
        assert_eq!(canonical(Path::new("")), canonical(&std::env::current_dir().unwrap()));
        let place = Place::new(Path::new(""), &[PathBuf::from(".")]);
        assert_eq!(place.relative(Path::new("./a/b")), "a/b");
        assert_eq!(place.relative(Path::new("a/../c")), "c");
        assert!(place.covered());
    }

    #[test]
    fn paths_are_relative_to_the_folder_however_they_are_reached() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("sub");
        std::fs::create_dir(&root).unwrap();
        let place = Place::new(dir.path(), std::slice::from_ref(&root));
        assert_eq!(place.relative(&root.join("x/y")), "sub/x/y");
        assert!(!place.covered());
        assert!(Place::new(&root, &[dir.path().to_owned()]).covered());
    }
}
