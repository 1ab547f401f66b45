//! Processes of an app, by `/proc`: who runs below whom, what was handed to them, what is in their memory.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{self, ErrorKind, Read, Seek, SeekFrom},
    path::Path,
    time::{Duration, Instant},
};

use memchr::memmem;
use rustix::process::{Pid, Signal, kill_process};

/// A process, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub id: u32,
    /// File name of its program.
    pub name: String,
    /// Tells it from a later one with the same id.
    started: u64,
}

impl Process {
    /// False once it is gone; one whose end nobody has asked for is gone.
    #[must_use]
    pub fn runs(&self) -> bool {
        stat(self.id).is_some_and(|s| s.started == self.started && s.state != 'Z')
    }

    /// End it at once.
    pub fn kill(&self) {
        if let Some(id) = i32::try_from(self.id).ok().and_then(Pid::from_raw)
            && self.runs()
        {
            // It may have ended by itself just now.
            let _ended = kill_process(id, Signal::KILL);
        }
    }

    /// The environment that it was started with.
    ///
    /// # Errors
    /// Where the system keeps it from this user.
    pub fn environment(&self) -> io::Result<BTreeMap<String, String>> {
        let bytes = fs::read(format!("/proc/{}/environ", self.id))?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.split('\0').filter_map(|one| one.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// What its descriptors are open on.
    ///
    /// # Errors
    /// Where the system keeps it from this user.
    pub fn descriptors(&self) -> io::Result<BTreeMap<u32, String>> {
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(format!("/proc/{}/fd", self.id))? {
            let entry = entry?;
            let Ok(number) = entry.file_name().to_string_lossy().parse() else { continue };
            match fs::read_link(entry.path()) {
                Ok(target) => all.insert(number, target.display().to_string()),
                // Closed meanwhile.
                Err(e) if e.kind() == ErrorKind::NotFound => None,
                Err(e) => return Err(e),
            };
        }
        Ok(all)
    }

    /// True where the text stands in memory that the process can write to, as UTF-8 or as UTF-16.
    ///
    /// # Errors
    /// Where the system keeps it from this user.
    ///
    /// # Panics
    /// Where next to nothing could be read.
    pub fn holds(&self, text: &str) -> io::Result<bool> {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wanted = [memmem::Finder::new(text.as_bytes()), memmem::Finder::new(&wide)];
        let mut memory = fs::File::open(format!("/proc/{}/mem", self.id))?;
        let mut looked_at = 0;
        for (from, to) in self.touched()? {
            let mut at = from;
            while at < to {
                let mut part = vec![0; usize::try_from((to - at).min(PART)).unwrap_or(0)];
                // What belongs to a device can't be read.
                if memory.seek(SeekFrom::Start(at)).is_err() || memory.read_exact(&mut part).is_err() {
                    break;
                }
                looked_at += part.len();
                if wanted.iter().any(|finder| finder.find(&part).is_some()) {
                    return Ok(true);
                }
                let next = at + PART.min(to - at);
                at = if next < to { next - OVERLAP } else { next };
            }
        }
        assert!(looked_at > 1 << 16, "only {looked_at} bytes of {self:?} could be read");
        Ok(false)
    }

    /// Where it has pages that it can write to and that exist: the web engine reserves gigabytes that do not.
    fn touched(&self) -> io::Result<Vec<(u64, u64)>> {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.id))?;
        let mut pages = fs::File::open(format!("/proc/{}/pagemap", self.id))?;
        let size = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for (from, to) in maps.lines().filter_map(writable) {
            let mut entries = vec![0; usize::try_from((to - from) / size * 8).unwrap_or(0)];
            // The kernel's own pages at the top have no entries.
            if pages.seek(SeekFrom::Start(from / size * 8)).is_err() || pages.read_exact(&mut entries).is_err() {
                continue;
            }
            for (page, entry) in (from / size..).zip(entries.chunks_exact(8)) {
                // In memory or swapped out: the two highest bits.
                if entry[7] & 0xc0 == 0 {
                    continue;
                }
                match runs.last_mut() {
                    Some(run) if run.1 == page * size => run.1 += size,
                    _ => runs.push((page * size, (page + 1) * size)),
                }
            }
        }
        Ok(runs)
    }
}

const PART: u64 = 16 << 20;
const OVERLAP: u64 = 4096;

/// A process and all below it, itself first.
#[must_use]
pub fn below(root: u32) -> Vec<Process> {
    let mut table: HashMap<u32, Vec<(u32, Stat)>> = HashMap::new();
    let ids = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|e| e.file_name().to_string_lossy().parse::<u32>().ok());
    for (id, stat) in ids.filter_map(|id| Some((id, stat(id)?))) {
        table.entry(stat.parent).or_default().push((id, stat));
    }
    let Some(first) = stat(root) else { return Vec::new() };
    let mut found = vec![(root, first)];
    let mut next = 0;
    while let Some((id, _)) = found.get(next) {
        found.extend(table.remove(id).into_iter().flatten());
        next += 1;
    }
    found
        .into_iter()
        .filter(|(_, stat)| stat.state != 'Z')
        .map(|(id, stat)| Process { id, name: name(id, stat.name), started: stat.started })
        .collect()
}

/// End them at once, and see them gone.
pub fn end(all: &[Process]) {
    all.iter().for_each(Process::kill);
    let until = Instant::now() + Duration::from_secs(10);
    while all.iter().any(Process::runs) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The kernel's own name is cut off after 15 characters.
fn name(id: u32, short: String) -> String {
    let arguments = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    let program = arguments.split(|b| *b == 0).next().map(String::from_utf8_lossy).unwrap_or_default();
    match Path::new(&*program).file_name() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => short,
    }
}

struct Stat {
    name: String,
    state: char,
    parent: u32,
    started: u64,
}

fn stat(id: u32) -> Option<Stat> {
    parsed(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

/// `ID (NAME) STATE PARENT ...`, where the name may hold anything.
fn parsed(stat: &str) -> Option<Stat> {
    let (before, after) = stat.rsplit_once(") ")?;
    let (_, name) = before.split_once(" (")?;
    let fields: Vec<&str> = after.split(' ').collect();
    Some(Stat {
        name: name.to_owned(),
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

/// Bounds of a line of `maps` that can be read and written.
fn writable(line: &str) -> Option<(u64, u64)> {
    let mut fields = line.split(' ');
    let (from, to) = fields.next()?.split_once('-')?;
    let bounds = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
    fields.next()?.starts_with("rw").then_some(bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_about_a_process_is_read_whatever_its_name() {
        let line = "42 (a) S (b) R 7 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1";
        let stat = parsed(line).expect("read");
        assert_eq!((stat.name.as_str(), stat.state, stat.parent, stat.started), ("a) S (b", 'R', 7, 12345));
        assert!(parsed("42 (cut of").is_none());
    }

    #[test]
    fn memory_that_can_be_written_is_found() {
        assert_eq!(writable("7f00-7fff rw-p 00000000 00:00 0 "), Some((0x7f00, 0x7fff)));
        assert_eq!(writable("7f00-7fff r-xp 00000000 00:00 0 [vdso]"), None);
    }

    #[test]
    fn what_was_handed_to_a_process_is_found_with_it_and_nothing_else() {
        use std::process::{Command, Stdio};
        let mut child = Command::new("cat").env_clear().env("WORDS", "horse battery staple").stdin(Stdio::piped()).spawn().expect("cat");
        let family = below(std::process::id());
        let cat = family.iter().find(|p| p.id == child.id()).expect("below this one");
        assert!(cat.runs());
        assert_eq!(cat.environment().expect("own child").get("WORDS").map(String::as_str), Some("horse battery staple"));
        assert!(cat.descriptors().expect("own child").contains_key(&0));
        assert!(cat.holds("battery staple").expect("own child"));
        assert!(!cat.holds("battery stapler").expect("own child"));
        cat.kill();
        child.wait().expect("own child");
        assert!(!cat.runs());
    }
}
