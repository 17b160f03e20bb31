//! Other files of a folder that share names with a file.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Texts of the folders that files stand in, each read once. Go and Terraform
/// share names between the files of a folder; nothing else is read.
#[derive(Default)]
pub(super) struct Neighbours {
    folders: HashMap<(PathBuf, &'static str), BTreeMap<PathBuf, String>>,
}

impl Neighbours {
    /// The other files of a file's folder, as they will be.
    pub(super) fn of(&mut self, path: &Path) -> Vec<&str> {
        let Some(folder) = self.folder(path) else { return Vec::new() };
        let others = folder.iter().filter(|(other, _)| other.file_name() != path.file_name());
        others.map(|(_, text)| text.as_str()).collect()
    }

    /// A file becomes another.
    pub(super) fn change(&mut self, path: &Path, text: &[u8]) {
        if let Some(folder) = self.folder(path)
            && let Some((_, known)) =
                folder.iter_mut().find(|(other, _)| other.file_name() == path.file_name())
        {
            *known = String::from_utf8_lossy(text).into_owned();
        }
    }

    fn folder(&mut self, path: &Path) -> Option<&mut BTreeMap<PathBuf, String>> {
        let ending = path.extension()?;
        let ending = ["go", "tf"].into_iter().find(|shared| ending == *shared)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let texts = self.folders.entry((folder.to_owned(), ending)).or_insert_with(|| {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let paths = entries.map(|entry| entry.path());
            let paths = paths.filter(|path| path.extension().is_some_and(|found| found == ending));
            let texts = paths.map(|path| (std::fs::read_to_string(&path), path));
            texts.filter_map(|(text, path)| Some((path, text.ok()?))).collect()
        });
        Some(texts)
    }
}
