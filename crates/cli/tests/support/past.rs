//! Made-up histories: branches that rename, copy, revert and merge, with large
//! files whose versions are stored as deltas, and known tokens in them.
#![allow(dead_code, reason = "each test file uses what it needs")]
#![expect(clippy::unwrap_used, reason = "only tests call this")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// A history, ready for `git fast-import`.
pub(crate) struct Past {
    pub(crate) stream: Vec<u8>,
    /// How many commits it has.
    pub(crate) commits: usize,
}

/// Numbers that look random and are the same for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

type Lines = Rc<Vec<String>>;
type Files = BTreeMap<Vec<u8>, Lines>;

const NAMES: &[&[u8]] = &[
    b"src/main.c",
    b"src/deep/er/util.py",
    b"notes.txt",
    b"with space/and more .cfg",
    b"quo\"te\\back.txt",
    b"new\nline.txt",
    b"latin-\xe9-\xff.txt",
    b"uml\xc3\xa4ut/\xe2\x82\xac.conf",
    b"a",
    b"a.b/c",
];

const WORDS: &[&str] = &[
    "for", "each", "value", "of", "table", "count", "return", "when", "left", "right", "open",
    "closes", "window", "paint", "river", "stone", "print", "begin", "within", "paper", "green",
];

const BRANCHES: usize = 4;

impl Past {
    /// A history of so many commits; `planted` are lines that are brought, moved
    /// and removed as they are.
    pub(crate) fn new(seed: u64, commits: usize, planted: &[String]) -> Past {
        Maker { dice: Dice::new(seed), planted: planted.to_vec(), ..Maker::default() }.run(commits)
    }
}

#[derive(Default)]
struct Maker {
    dice: Dice,
    planted: Vec<String>,
    stream: Vec<u8>,
    mark: usize,
    blobs: HashMap<Vec<u8>, usize>,
    /// The mark and the files of every commit.
    states: Vec<(usize, Files)>,
}

impl Default for Dice {
    fn default() -> Dice {
        Dice::new(1)
    }
}

impl Maker {
    fn run(mut self, commits: usize) -> Past {
        // The newest commit of each branch, as an index of `states`.
        let mut tips: Vec<usize> = Vec::new();
        let first = (0..3).map(|_| (self.dice.of(NAMES).to_vec(), self.file(400))).collect();
        self.commit(0, &[], first);
        tips.resize(BRANCHES, 0);
        while self.states.len() < commits {
            let branch = self.dice.below(BRANCHES);
            let own = tips[branch];
            let (parents, files) = match self.dice.below(10) {
                0 | 1 => self.merge(own, &tips),
                2 => {
                    let to = self.dice.below(self.states.len());
                    (vec![own], self.states[to].1.clone())
                }
                _ => (vec![own], self.edited(own)),
            };
            tips[branch] = self.commit(branch, &parents, files);
        }
        Past { stream: self.stream, commits: self.states.len() }
    }

    fn line(&mut self) -> String {
        let count = 2 + self.dice.below(8);
        (0..count).map(|_| self.dice.of(WORDS)).collect::<Vec<_>>().join(" ")
    }

    fn file(&mut self, lines: usize) -> Lines {
        Rc::new((0..lines + self.dice.below(lines)).map(|_| self.line()).collect())
    }

    fn edited(&mut self, of: usize) -> Files {
        let mut files = self.states[of].1.clone();
        for _ in 0..1 + self.dice.below(3) {
            self.edit(&mut files);
        }
        files
    }

    fn edit(&mut self, files: &mut Files) {
        let paths: Vec<Vec<u8>> = files.keys().cloned().collect();
        let new = self.dice.of(NAMES).to_vec();
        if paths.is_empty() {
            let lines = self.file(300);
            files.insert(new, lines);
            return;
        }
        let path = self.dice.of(&paths);
        match self.dice.below(12) {
            0 => {
                let lines = self.file(300);
                files.insert(new, lines);
            }
            1 => {
                let lines = files.remove(&path).unwrap();
                files.insert(new, lines);
            }
            2 => {
                let lines = files[&path].clone();
                files.insert(new, lines);
            }
            3 => drop(files.remove(&path)),
            4 => {
                let turn = |line: &String| match line.strip_suffix('\r') {
                    Some(line) => line.to_owned(),
                    None => format!("{line}\r"),
                };
                let lines = files[&path].iter().map(turn).collect();
                files.insert(path, Rc::new(lines));
            }
            _ => {
                let mut lines = files[&path].to_vec();
                for _ in 0..1 + self.dice.below(4) {
                    self.edit_lines(&mut lines);
                }
                files.insert(path, Rc::new(lines));
            }
        }
    }

    fn edit_lines(&mut self, lines: &mut Vec<String>) {
        let at = self.dice.below(lines.len() + 1);
        let is_planted: Vec<usize> = (0..lines.len())
            .filter(|at| self.planted.iter().any(|p| lines[*at].contains(p.as_str())))
            .collect();
        match self.dice.below(6) {
            0 => lines.insert(at, self.line()),
            1 if at < lines.len() => drop(lines.remove(at)),
            2 | 3 if !self.planted.is_empty() => lines.insert(at, self.dice.of(&self.planted)),
            4 if !is_planted.is_empty() => {
                let planted = lines.remove(self.dice.of(&is_planted));
                if self.dice.below(2) == 0 {
                    let to = self.dice.below(lines.len() + 1);
                    lines.insert(to, planted);
                }
            }
            _ => {
                let len = self.dice.below(30).min(lines.len() - at.min(lines.len()));
                let at = at.min(lines.len() - len);
                let moved: Vec<String> = lines.drain(at..at + len).collect();
                let to = self.dice.below(lines.len() + 1);
                lines.splice(to..to, moved);
            }
        }
    }

    /// Two or three branches as one, with files of any of them, and now and
    /// then with something that none had.
    fn merge(&mut self, own: usize, tips: &[usize]) -> (Vec<usize>, Files) {
        let mut parents = vec![own];
        for _ in 0..1 + self.dice.below(2) {
            let other = self.dice.of(tips);
            if !parents.contains(&other) {
                parents.push(other);
            }
        }
        let paths: BTreeSet<Vec<u8>> =
            parents.iter().flat_map(|at| self.states[*at].1.keys().cloned()).collect();
        let mut files = Files::new();
        for path in paths {
            let from = self.dice.of(&parents);
            if let Some(lines) = self.states[from].1.get(&path) {
                files.insert(path, lines.clone());
            }
        }
        if self.dice.below(3) == 0 {
            self.edit(&mut files);
        }
        (parents, files)
    }

    fn next_mark(&mut self) -> usize {
        self.mark += 1;
        self.mark
    }

    fn say(&mut self, text: impl AsRef<[u8]>) {
        self.stream.extend_from_slice(text.as_ref());
        self.stream.push(b'\n');
    }

    fn blob(&mut self, lines: &Lines) -> usize {
        let mut content = lines.join("\n").into_bytes();
        content.push(b'\n');
        if let Some(mark) = self.blobs.get(&content) {
            return *mark;
        }
        let mark = self.next_mark();
        self.say(format!("blob\nmark :{mark}\ndata {}", content.len()));
        self.say(&content);
        self.blobs.insert(content, mark);
        mark
    }

    /// Writes a commit; gives its index.
    fn commit(&mut self, branch: usize, parents: &[usize], files: Files) -> usize {
        let blobs: Vec<(usize, Vec<u8>)> =
            files.iter().map(|(path, lines)| (self.blob(lines), path.clone())).collect();
        let mark = self.next_mark();
        let time = 1_700_000_000 + 60 * self.states.len();
        let name = if branch == 0 { "main".to_owned() } else { format!("topic/{branch}") };
        self.say(format!("commit refs/heads/{name}\nmark :{mark}"));
        self.say(format!("committer Ada Example <ada@example.org> {time} +0100\ndata 6\nchange"));
        for (at, parent) in parents.iter().enumerate() {
            let parent = self.states[*parent].0;
            self.say(format!("{} :{parent}", if at == 0 { "from" } else { "merge" }));
        }
        self.say("deleteall");
        for (blob, path) in blobs {
            let mut line = format!("M 100644 :{blob} \"").into_bytes();
            for byte in path {
                match byte {
                    b'"' | b'\\' => line.extend([b'\\', byte]),
                    b'\n' => line.extend(b"\\n"),
                    byte => line.push(byte),
                }
            }
            line.push(b'"');
            self.say(line);
        }
        self.say("");
        self.states.push((mark, files));
        self.states.len() - 1
    }
}
