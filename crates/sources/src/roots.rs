//! Paths that were given, each file of which is to be scanned once.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The given paths without repetition.
#[derive(Debug, Default)]
pub(crate) struct Roots {
    /// What to scan. A path inside of another that was given before it is
    /// spelled as that other one reaches it.
    pub(crate) paths: Vec<PathBuf>,
    /// Where a walk meets one of these paths below another; it is left to the
    /// scan of its own, which reads a given path whatever it is.
    pub(crate) met: HashSet<PathBuf>,
}

impl Roots {
    /// Compares the paths by what they lead to.
    pub(crate) fn new(given: &[PathBuf]) -> Roots {
        let mut all: Vec<(&Path, PathBuf)> = Vec::new();
        let mut index = HashMap::new();
        for path in given {
            // A path that cannot be resolved is no other; pipes have no name.
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            if let Entry::Vacant(entry) = index.entry(real.clone()) {
                entry.insert(all.len());
                all.push((path, real));
            }
        }
        let mut roots = Roots::default();
        for (at, (path, real)) in all.iter().enumerate() {
            let above = real.ancestors().skip(1).filter_map(|folder| index.get(folder));
            let mut first = (at, path.to_path_buf());
            for outer in above {
                let Some((folder, real_folder)) = all.get(*outer) else { continue };
                let Ok(rest) = real.strip_prefix(real_folder) else { continue };
                let reached = folder.join(rest);
                if *outer < first.0 {
                    first = (*outer, reached.clone());
                }
                roots.met.insert(reached);
            }
            roots.paths.push(first.1);
        }
        roots
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn roots(tree: &Path, given: &[&str]) -> (Vec<String>, Vec<String>) {
        let paths: Vec<PathBuf> = given.iter().map(|path| tree.join(path)).collect();
        let roots = Roots::new(&paths);
        let names = |paths: Vec<PathBuf>| -> Vec<String> {
            let name = |path: &PathBuf| path.strip_prefix(tree).unwrap().display().to_string();
            paths.iter().map(name).collect()
        };
        (names(roots.paths), names(roots.met.into_iter().collect()))
    }

    #[test]
    fn a_path_is_taken_once_and_in_its_first_spelling() {
        let dir = tempfile::tempdir().unwrap();
        let tree = dir.path();
        fs::create_dir_all(tree.join("a/b")).unwrap();
        let none: Vec<String> = Vec::new();
        let text = |paths: &[&str]| paths.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>();
        assert_eq!(roots(tree, &["a", "a/../a", "a/b/.."]), (text(&["a"]), none.clone()));
        assert_eq!(roots(tree, &["a", "a/../a/b"]), (text(&["a", "a/b"]), text(&["a/b"])));
        let (paths, met) = roots(tree, &["a/b/../b", "a"]);
        assert_eq!((paths, met), (text(&["a/b/../b", "a"]), text(&["a/b"])));
        assert_eq!(roots(tree, &["nowhere", "a"]), (text(&["nowhere", "a"]), none));
    }
}
