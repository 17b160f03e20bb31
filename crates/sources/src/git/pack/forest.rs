//! A pack's entries and which of them is made from which.

use std::path::Path;

use gix::ObjectId;
use gix::objs::Kind;
use gix::odb::pack::data::entry::Header;

/// No entry.
const NONE: u32 = u32::MAX;

/// A pack with its index, its entries in the order of the file.
pub(crate) struct Pack {
    pub(super) data: gix::odb::pack::data::File<gix::odb::pack::MMap>,
    index: gix::odb::pack::index::File<gix::odb::pack::MMap>,
    pub(super) entries: Vec<Entry>,
    /// Entries that cannot be read, with the reason.
    pub(crate) broken: Vec<(u32, String)>,
    /// Children of entry i are at `children[first_child[i]..first_child[i + 1]]`.
    first_child: Vec<u32>,
    children: Vec<u32>,
}

/// One object of a pack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    offset: u64,
    /// Where its id is in the index.
    at: u32,
    /// The entry that it is a delta of.
    base: u32,
    /// What it is; none if its base is missing.
    pub(crate) kind: Option<Kind>,
}

impl Pack {
    /// Opens a pack by the path of its index.
    ///
    /// # Errors
    /// Why it cannot be used, as a phrase.
    pub(crate) fn open(index: &Path, hash: gix::hash::Kind) -> Result<Pack, String> {
        let file = gix::odb::pack::index::File::at(index, hash).map_err(|e| e.to_string())?;
        let data = gix::odb::pack::data::File::at(index.with_extension("pack"), hash)
            .map_err(|e| e.to_string())?;
        let mut pack = Pack {
            data,
            index: file,
            entries: Vec::new(),
            broken: Vec::new(),
            first_child: Vec::new(),
            children: Vec::new(),
        };
        pack.link();
        Ok(pack)
    }

    /// The id of an entry.
    pub(crate) fn id(&self, entry: u32) -> ObjectId {
        let at = self.entries.get(entry as usize).map_or(0, |entry| entry.at);
        self.index.oid_at_index(at).to_owned()
    }

    /// Whether the pack has an object.
    pub(crate) fn has(&self, id: &gix::oid) -> bool {
        self.index.lookup(id).is_some()
    }

    /// What an entry is.
    pub(crate) fn entry(&self, entry: u32) -> Option<&Entry> {
        self.entries.get(entry as usize)
    }

    /// Entries that are deltas of this one.
    pub(super) fn children(&self, entry: u32) -> &[u32] {
        let at = entry as usize;
        let bounds = self.first_child.get(at).zip(self.first_child.get(at + 1));
        bounds
            .and_then(|(from, to)| self.children.get(*from as usize..*to as usize))
            .unwrap_or_default()
    }

    /// Entries of these kinds that are no deltas.
    pub(super) fn roots(&self, wanted: impl Fn(Kind) -> bool) -> Vec<u32> {
        (0..)
            .zip(&self.entries)
            .filter(|(_, entry)| entry.base == NONE && entry.kind.is_some_and(&wanted))
            .map(|(at, _)| at)
            .collect()
    }

    /// Whether the bytes of an entry are those that were indexed.
    pub(super) fn is_sound(&self, entry: u32) -> bool {
        let Some(this) = self.entry(entry) else { return false };
        let next = self.entry(entry + 1).map_or(self.data.pack_end() as u64, |next| next.offset);
        let Some(size) = next.checked_sub(this.offset) else { return false };
        match self.index.crc32_at_index(this.at) {
            Some(crc) => {
                self.data.entry_slice(this.offset..next).is_some()
                    && self.data.entry_crc32(this.offset, size as usize) == crc
            }
            // The first form of indexes had none.
            None => true,
        }
    }

    pub(super) fn header(&self, entry: u32) -> Result<gix::odb::pack::data::Entry, String> {
        let offset = self.entries.get(entry as usize).map_or(0, |entry| entry.offset);
        self.data.entry(offset).map_err(|error| error.to_string())
    }

    /// Reads every entry's header and links deltas to their bases.
    fn link(&mut self) {
        let count = self.index.num_objects();
        let mut places: Vec<(u64, u32)> =
            (0..count).map(|at| (self.index.pack_offset_at_index(at), at)).collect();
        places.sort_unstable();
        let by_offset = |offset: u64| {
            places.binary_search_by_key(&offset, |place| place.0).ok().map(|at| at as u32)
        };
        let mut entries = Vec::with_capacity(places.len());
        let mut broken = Vec::new();
        for (own, &(offset, at)) in (0u32..).zip(&places) {
            let mut entry = Entry { offset, at, base: NONE, kind: None };
            match self.data.entry(offset) {
                Ok(header) => match header.header {
                    Header::OfsDelta { base_distance } => {
                        let base = offset.checked_sub(base_distance).and_then(by_offset);
                        entry.base = base.unwrap_or(NONE);
                    }
                    Header::RefDelta { base_id } => {
                        let base = self.index.lookup(base_id);
                        let base =
                            base.and_then(|at| by_offset(self.index.pack_offset_at_index(at)));
                        entry.base = base.unwrap_or(NONE);
                    }
                    header => entry.kind = header.as_kind(),
                },
                Err(error) => broken.push((own, error.to_string())),
            }
            if entry.base == NONE && entry.kind.is_none() && broken.last().map(|b| b.0) != Some(own)
            {
                broken.push((own, "the object that it is made from is missing".to_owned()));
            }
            entries.push(entry);
        }
        self.entries = entries;
        self.broken = broken;
        self.adopt();
        self.name_kinds();
    }

    /// Lists the children of every entry.
    fn adopt(&mut self) {
        let mut first = vec![0u32; self.entries.len() + 1];
        for entry in &self.entries {
            if entry.base != NONE
                && let Some(count) = first.get_mut(entry.base as usize + 1)
            {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let mut next = first.clone();
        let mut children = vec![0u32; sum as usize];
        for (own, entry) in (0u32..).zip(&self.entries) {
            if let Some(place) = next.get_mut(entry.base as usize)
                && let Some(child) = children.get_mut(*place as usize)
            {
                *child = own;
                *place += 1;
            }
        }
        self.first_child = first;
        self.children = children;
    }

    /// Gives every delta the kind of its base.
    fn name_kinds(&mut self) {
        let mut open: Vec<u32> = self.roots(|_| true);
        while let Some(at) = open.pop() {
            let kind = self.entry(at).and_then(|entry| entry.kind);
            let children = self.children(at).to_vec();
            for child in children {
                if let Some(entry) = self.entries.get_mut(child as usize) {
                    entry.kind = kind;
                    open.push(child);
                }
            }
        }
        // What is left hangs on something broken, or on itself.
        let known: std::collections::HashSet<u32> = self.broken.iter().map(|b| b.0).collect();
        for (own, entry) in (0u32..).zip(&self.entries) {
            if entry.kind.is_none() && !known.contains(&own) {
                let reason = "the object that it is made from cannot be read".to_owned();
                self.broken.push((own, reason));
            }
        }
    }
}
