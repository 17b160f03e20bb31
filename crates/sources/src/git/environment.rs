//! What Git's environment variables say of a repository and gix does not read.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::sec::trust::Mapping;

/// Where Git writes objects now; the quarantine while a push is received.
const OBJECTS: &str = "GIT_OBJECT_DIRECTORY";
/// Where it looks for others; the repository's own while a push is received.
const ALTERNATES: &str = "GIT_ALTERNATE_OBJECT_DIRECTORIES";

/// How to open the repository of a hook.
pub(super) fn options() -> Mapping<gix::open::Options> {
    let Mapping { full, reduced } = Mapping::<gix::open::Options>::default();
    let strict =
        |options: gix::open::Options| options.config_overrides(["core.useReplaceRefs=false"]);
    Mapping { full: strict(full), reduced: strict(reduced) }
}

/// Makes a repository read the object folders that the environment names.
/// Returns a folder that has to live as long as the repository.
///
/// # Errors
/// Folders that cannot be read.
pub(super) fn objects(
    repo: &mut gix::ThreadSafeRepository,
) -> io::Result<Option<tempfile::TempDir>> {
    join(repo, std::env::var_os(OBJECTS), std::env::var_os(ALTERNATES))
}

fn join(
    repo: &mut gix::ThreadSafeRepository,
    objects: Option<OsString>,
    alternates: Option<OsString>,
) -> io::Result<Option<tempfile::TempDir>> {
    let objects = objects.filter(|value| !value.is_empty());
    let alternates = alternates.map(|list| split(&list)).unwrap_or_default();
    if objects.is_none() && alternates.is_empty() {
        return Ok(None);
    }
    // Git takes both relative to the folder that it runs in.
    let here = std::env::current_dir()?;
    let main = objects.map_or_else(|| repo.objects_dir().to_owned(), |path| here.join(path));
    // An alternate that is gone is no error to Git either.
    let others: Vec<PathBuf> =
        alternates.iter().map(|path| here.join(path)).filter(|path| path.is_dir()).collect();
    let kind = repo.to_thread_local().object_hash();
    let open = |folder: PathBuf| {
        let options = gix::odb::store::init::Options::default();
        gix::odb::Store::at_opts(folder, kind, &mut std::iter::empty(), options)
    };
    if others.is_empty() {
        repo.objects = open(main)?.into();
        return Ok(None);
    }
    // A store knows alternates only from a file, and Git would move one that
    // stood in the quarantine itself into the repository. Names with a dot it
    // leaves behind, and deletes with the quarantine.
    let prefix = ".stanch-objects-";
    let builder = || {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix);
        builder
    };
    let folder = builder().tempdir_in(&main).or_else(|_| builder().tempdir())?;
    let info = folder.path().join("info");
    std::fs::create_dir(&info)?;
    let mut list = Vec::new();
    for path in std::iter::once(&main).chain(&others) {
        write_path(&mut list, path)?;
        // Those of their own may be relative to them, and not to our file.
        let own = gix::odb::alternate::resolve(path.clone(), &here);
        for path in own.map_err(|error| io::Error::other(error.to_string()))? {
            write_path(&mut list, &path)?;
        }
    }
    std::fs::write(info.join("alternates"), list)?;
    repo.objects = open(folder.path().to_owned())?.into();
    Ok(Some(folder))
}

/// The paths of a list as Git writes it: those that begin with a quotation
/// mark are quoted as in C, because a path may contain the separator.
fn split(list: &OsString) -> Vec<PathBuf> {
    let separator = if cfg!(windows) { b';' } else { b':' };
    let Some(mut rest) = gix::path::os_str_into_bstr(list).ok().map(|list| &**list) else {
        return Vec::new();
    };
    let mut paths = Vec::new();
    while !rest.is_empty() {
        let quoted = rest.starts_with(b"\"").then(|| gix::quote::ansi_c::undo(rest.as_bstr()));
        let (path, used) = match quoted {
            Some(Ok((path, used))) => (path.into_owned(), used),
            _ => {
                let end = rest.find_byte(separator).unwrap_or(rest.len());
                (rest.get(..end).unwrap_or_default().into(), end)
            }
        };
        if !path.is_empty()
            && let Ok(path) = gix::path::from_bstring(path)
        {
            paths.push(path);
        }
        rest = rest.get(used + 1..).unwrap_or_default();
    }
    paths
}

/// Writes one line of an alternates file.
fn write_path(list: &mut Vec<u8>, path: &Path) -> io::Result<()> {
    let bytes = gix::path::os_str_into_bstr(path.as_os_str())
        .map_err(|_| io::Error::other("an object folder's name is not Unicode"))?;
    if bytes.contains(&b'\n') {
        return Err(io::Error::other("an object folder's name has a line break in it"));
    }
    // What begins like a comment or a quotation does not when it is absolute.
    list.extend_from_slice(bytes);
    list.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_folders_are_split_as_git_writes_them() {
        let paths = |list: &str| {
            let paths = split(&OsString::from(list));
            paths.iter().map(|p| p.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(paths(""), Vec::<String>::new());
        assert_eq!(paths("/a/b"), ["/a/b"]);
        assert_eq!(paths("/a b:./c::"), ["/a b", "./c"]);
        assert_eq!(paths("\"/with:colon\":/d"), ["/with:colon", "/d"]);
        assert_eq!(paths("\"/quote\\\"mark\""), ["/quote\"mark"]);
        assert_eq!(paths("\"open:/d"), ["\"open", "/d"]);
    }
}
