//! The index: reading it, and what it has that trees do not have.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::index::entry::Flags;
use gix::index::extension::Tree;
use gix::index::{File, State};
use gix::objs::tree::{EntryKind, EntryRef};
use gix::objs::{Kind, TreeRef};

use super::compare::{Compared, Entry, compare};
use super::objects::{Fault, Objects, Why};
use super::repo::{GitError, Repo};

/// Bytes from which an index is decoded on several threads.
const LARGE: u64 = 8 << 20;

/// Reads the index; an empty one where there is none yet.
///
/// # Errors
/// [`GitError::Unreadable`].
pub(crate) fn read(repo: &gix::Repository) -> Result<File, GitError> {
    let path = repo.index_path();
    let large = path.metadata().is_ok_and(|meta| meta.len() > LARGE);
    let options = gix::index::decode::Options {
        thread_limit: if large { None } else { Some(1) },
        min_extension_block_in_bytes_for_threading: 0,
        expected_checksum: None,
        alloc_limit_bytes: None,
    };
    // Git itself does not look at the checksum when it reads.
    File::at_or_default(&path, repo.object_hash(), true, options).map_err(|error| {
        GitError::Unreadable {
            what: format!("the index {}", path.display()),
            reason: format!("{error}; `git reset` writes it anew and keeps your files"),
        }
    })
}

/// The trees that what is staged will be compared with: that of `HEAD`, and
/// in a merge those of what is merged.
///
/// # Errors
/// [`GitError::Unreadable`] if they are not to be read.
pub(crate) fn parents(repo: &Repo) -> Result<Vec<ObjectId>, GitError> {
    let local = repo.local();
    let objects = Objects::new(&local);
    let merged = std::fs::read_to_string(local.git_dir().join("MERGE_HEAD")).unwrap_or_default();
    let merged = merged.lines().filter_map(|line| ObjectId::from_hex(line.trim().as_bytes()).ok());
    let mut trees = Vec::new();
    for commit in repo.head()?.into_iter().chain(merged) {
        let links = objects.links(commit).map_err(|fault| GitError::Unreadable {
            what: format!("commit {commit}"),
            reason: fault.reason(repo),
        })?;
        trees.push(links.tree);
    }
    Ok(trees)
}

/// A folder that is yet to be compared.
struct Folder<'i> {
    /// Its path, with `/` at the end unless it is the root.
    prefix: BString,
    /// Its entries in the index.
    entries: Range<usize>,
    /// What the index remembers of its tree.
    cached: Option<&'i Tree>,
    /// The folder in the other trees.
    others: Vec<ObjectId>,
}

/// What the index has that none of the trees has at the same path. Folders
/// that the index remembers to be those of a tree are not looked into.
pub(crate) fn compare_index(objects: Objects<'_>, index: &State, others: &[ObjectId]) -> Compared {
    let mut compared = Compared::default();
    let mut stack = vec![Folder {
        prefix: BString::default(),
        entries: 0..index.entries().len(),
        cached: index.tree(),
        others: others.to_vec(),
    }];
    while let Some(folder) = stack.pop() {
        let unchanged = folder.cached.filter(|cached| cached.num_entries.is_some());
        if unchanged.is_some_and(|cached| folder.others.contains(&cached.id)) {
            continue;
        }
        compare_folder(objects, index, folder, &mut stack, &mut compared);
    }
    compared.new.sort_by(|a, b| a.path.cmp(&b.path));
    compared
}

fn compare_folder<'i>(
    objects: Objects<'_>,
    index: &'i State,
    folder: Folder<'i>,
    stack: &mut Vec<Folder<'i>>,
    compared: &mut Compared,
) {
    let mut read = Vec::with_capacity(folder.others.len());
    for tree in &folder.others {
        match objects.get(*tree, Kind::Tree) {
            Ok(object) => read.push(object),
            Err(fault) => compared.faults.push((folder.prefix.clone(), fault)),
        }
    }
    let mut old: Vec<HashMap<(&BStr, bool), EntryRef<'_>>> = Vec::with_capacity(read.len());
    for object in &read {
        match TreeRef::from_bytes(&object.data, object.id.kind()) {
            Ok(tree) => old
                .push(tree.entries.iter().map(|e| ((e.filename, e.mode.is_tree()), *e)).collect()),
            Err(error) => {
                let fault = Fault::new(object.id, Why::Broken(error.to_string()));
                compared.faults.push((folder.prefix.clone(), fault));
            }
        }
    }
    let children = folder.cached.map(|cached| cached.children.as_slice()).unwrap_or_default();
    let children: HashMap<&[u8], &Tree> =
        children.iter().map(|child| (child.name.as_slice(), child)).collect();
    let mut met: HashSet<(&BStr, bool)> = HashSet::new();
    let entries = index.entries();
    let mut at = folder.entries.start;
    while at < folder.entries.end {
        let Some(entry) = entries.get(at) else { break };
        let path = entry.path(index);
        let rest: &BStr = path.get(folder.prefix.len()..).unwrap_or_default().as_bstr();
        if let Some(slash) = rest.find_byte(b'/') {
            let name = rest.get(..slash).unwrap_or_default().as_bstr();
            let prefix = path.get(..folder.prefix.len() + slash + 1).unwrap_or_default();
            let inside = entries.get(at..folder.entries.end).unwrap_or_default();
            let count = inside.partition_point(|entry| entry.path(index).starts_with(prefix));
            let end = at + count.max(1);
            let mut trees = Vec::with_capacity(old.len());
            trees.extend(
                old.iter().filter_map(|old| old.get(&(name, true))).map(|e| e.oid.to_owned()),
            );
            met.insert((name, true));
            if entry.mode.is_sparse() && slash + 1 == rest.len() {
                // A whole folder that is not checked out stands as one entry.
                sparse(objects, entry.id, &trees, prefix, compared);
            } else {
                stack.push(Folder {
                    prefix: prefix.into(),
                    entries: at..end,
                    cached: children.get(name.as_bytes()).copied(),
                    others: trees,
                });
            }
            at = end;
            continue;
        }
        at += 1;
        if entry.flags.contains(Flags::INTENT_TO_ADD) {
            // Nothing of it would be committed.
            continue;
        }
        met.insert((rest, false));
        let here: Vec<&EntryRef<'_>> =
            old.iter().filter_map(|old| old.get(&(rest, false))).collect();
        if here.iter().any(|old| old.oid == entry.id) {
            continue;
        }
        let kind = entry.mode.to_tree_entry_mode().map_or(EntryKind::Blob, |mode| mode.kind());
        let before = here.iter().filter(|old| old.mode.is_blob_or_symlink());
        compared.new.push(Entry {
            path: path.to_owned(),
            id: entry.id,
            kind,
            before: before.map(|old| old.oid.to_owned()).collect(),
        });
    }
    for (key, entry) in old.iter().flatten() {
        if !met.contains(key) && !entry.mode.is_commit() {
            compared.lose(entry.oid.to_owned(), entry.mode.is_tree());
        }
    }
}

fn sparse(
    objects: Objects<'_>,
    tree: ObjectId,
    others: &[ObjectId],
    prefix: &[u8],
    compared: &mut Compared,
) {
    let others: Vec<Option<ObjectId>> = others.iter().copied().map(Some).collect();
    let inside = compare(objects, tree, &others);
    let below = |path: BString| [prefix, path.as_slice()].concat().into();
    compared
        .new
        .extend(inside.new.into_iter().map(|entry| Entry { path: below(entry.path), ..entry }));
    compared.faults.extend(inside.faults.into_iter().map(|(path, fault)| (below(path), fault)));
}
