//! Where the owner's models lie: `NAME.gguf` and a record `NAME.json` beside it, in the wallet's own folder.
//!
//! A model is known by the BLAKE3 of its file. A licence to act is of that hash and of one version of the exam; a file that
//! changed has none.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use parlance_understand::Licence;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::hashes::{self, Hashes};
use crate::{EXAM_VERSION, ExamResult, Gguf, ModelsError, Progress, check_fit};

/// Longest name of a model.
const MOST_NAME: usize = 64;

/// The models of one wallet.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// Where a model came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A file of this computer.
    File(PathBuf),
    /// An address; without what may be secret in it.
    Url(String),
}

/// What is written down of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its name here: that of the files.
    pub name: String,
    /// What the file calls itself.
    pub title: Option<String>,
    /// `general.license` of the file.
    pub licence: Option<String>,
    /// `general.architecture`.
    pub architecture: String,
    /// Storage type of most weights.
    pub quantization: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// Its hashes when it was added.
    pub hashes: Hashes,
    /// Where it came from.
    pub source: Source,
    /// When it was added, Unix seconds.
    pub added: u64,
    /// Its last exam.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exam: Option<ExamResult>,
}

/// A model of the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its file.
    pub path: PathBuf,
    /// What is known of it.
    pub record: Record,
}

/// What a model may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It came with Parlance.
    Shipped,
    /// It passed the exam: it may propose what moves money.
    Licensed,
    /// It failed the exam, or an older one: it may only answer questions.
    QuestionsOnly,
    /// It has not taken the exam: as if it had failed.
    NotExamined,
}

impl Standing {
    /// What may be accepted from it.
    #[must_use]
    pub fn licence(self) -> Licence {
        match self {
            Self::Shipped | Self::Licensed => Licence::Act,
            Self::QuestionsOnly | Self::NotExamined => Licence::QuestionsOnly,
        }
    }
}

impl Record {
    /// What its exam says, of a file with that BLAKE3.
    #[must_use]
    pub fn standing(&self, blake3: &str) -> Standing {
        match &self.exam {
            Some(exam) if exam.model == blake3 && exam.version == EXAM_VERSION && exam.passed() => Standing::Licensed,
            Some(exam) if exam.model == blake3 => Standing::QuestionsOnly,
            _ => Standing::NotExamined,
        }
    }
}

impl Store {
    /// In the folder `models` of the wallet's data.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self { folder: data.join("models") }
    }

    /// Where the files lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All models, by name. A record that can't be read is left out, with a line in the log: its model has no licence.
    ///
    /// # Errors
    /// [`ModelsError::File`] where the folder can't be read.
    pub fn list(&self) -> Result<Vec<Entry>, ModelsError> {
        let folder = match fs::read_dir(&self.folder) {
            Ok(folder) => folder,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(ModelsError::file(&self.folder)(e)),
        };
        let mut entries = Vec::new();
        for item in folder {
            let path = item.map_err(ModelsError::file(&self.folder))?.path();
            if path.extension().is_some_and(|e| e == "json") && path.with_extension("gguf").exists() {
                match read_record(&path) {
                    Ok(record) => entries.push(Entry { path: path.with_extension("gguf"), record }),
                    Err(error) => tracing::warn!(%error, "a model's record is passed over"),
                }
            }
        }
        entries.sort_by(|a, b| a.record.name.cmp(&b.record.name));
        Ok(entries)
    }

    /// The model of that name.
    ///
    /// # Errors
    /// [`ModelsError::Unknown`], [`ModelsError::File`].
    pub fn find(&self, name: &str) -> Result<Entry, ModelsError> {
        self.list()?.into_iter().find(|e| e.record.name == name).ok_or_else(|| ModelsError::Unknown { name: name.to_owned() })
    }

    /// How the model in this file stands, by what the file holds now. The file need not be in the store: its hash decides.
    ///
    /// # Errors
    /// [`ModelsError::File`].
    pub fn standing(&self, file: &Path) -> Result<Standing, ModelsError> {
        let blake3 = hashes::blake3_of(file)?;
        let found = self.list()?.into_iter().map(|e| e.record.standing(&blake3));
        Ok(found.min_by_key(|s| *s as u8).unwrap_or(Standing::NotExamined))
    }

    /// Takes a file in: looks whether it is a model that can be used here, links or copies it, and writes down what it is.
    ///
    /// # Errors
    /// Why it is not taken; nothing is left behind then.
    pub fn import(
        &self,
        file: &Path,
        sha256: Option<&str>,
        stop: &CancellationToken,
        progress: impl FnMut(Progress),
    ) -> Result<Entry, ModelsError> {
        let file = file.canonicalize().map_err(ModelsError::file(file))?;
        let model = Gguf::open(&file)?;
        check_fit(&model, None)?;
        let (part, _) = self.part(&file.to_string_lossy(), stem(&file))?;
        // A leftover may be another name of the owner's own file: it must not be written into.
        discard(&part);
        // A second name for the same file costs nothing; over the border of a file system it has to be copied.
        if fs::hard_link(&file, &part).is_err() {
            self.room_for(model.bytes)?;
            copy(&file, &part, stop).inspect_err(|_| discard(&part))?;
        }
        self.adopt(&part, &stem(&file), Source::File(file), sha256, stop, progress).inspect_err(|_| discard(&part))
    }

    /// Takes in what was downloaded to a part of this store. The part is gone afterwards where it was the wrong file; where
    /// the person stopped, it stays.
    ///
    /// # Errors
    /// As [`Store::import`].
    pub fn take_download(
        &self,
        part: &Path,
        name: &str,
        url: &url::Url,
        sha256: Option<&str>,
        stop: &CancellationToken,
        progress: impl FnMut(Progress),
    ) -> Result<Entry, ModelsError> {
        let taken = self.adopt(part, name, Source::Url(public(url)), sha256, stop, progress);
        if taken.as_ref().err().is_some_and(|e| !matches!(e, ModelsError::Stopped | ModelsError::File { .. })) {
            discard(part);
            discard(&part.with_extension("part.json"));
        }
        taken
    }

    fn adopt(
        &self,
        part: &Path,
        name: &str,
        source: Source,
        sha256: Option<&str>,
        stop: &CancellationToken,
        progress: impl FnMut(Progress),
    ) -> Result<Entry, ModelsError> {
        let expected = sha256.map(hashes::sha256).transpose()?;
        let model = Gguf::open(part)?;
        check_fit(&model, None)?;
        let hashes = Hashes::of(part, stop, progress)?;
        if let Some(expected) = expected.filter(|e| *e != hashes.sha256) {
            return Err(ModelsError::WrongHash { got: hashes.sha256, expected });
        }
        if let Some(known) = self.list()?.into_iter().find(|e| e.record.hashes == hashes) {
            return Err(ModelsError::Known { name: known.record.name });
        }
        let name = self.free_name(name);
        let path = self.folder.join(format!("{name}.gguf"));
        let record = Record {
            title: model.name,
            licence: model.licence,
            architecture: model.architecture,
            quantization: model.quantization,
            bytes: model.bytes,
            hashes,
            source,
            added: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()),
            exam: None,
            name,
        };
        fs::rename(part, &path).map_err(ModelsError::file(&path))?;
        self.write(&record).inspect_err(|_| discard(&path))?;
        discard(&part.with_extension("part.json"));
        Ok(Entry { path, record })
    }

    /// Writes down what a model's exam found.
    ///
    /// # Errors
    /// [`ModelsError::Unknown`], [`ModelsError::File`].
    pub fn examined(&self, name: &str, result: ExamResult) -> Result<Entry, ModelsError> {
        let mut entry = self.find(name)?;
        entry.record.exam = Some(result);
        self.write(&entry.record)?;
        Ok(entry)
    }

    /// Forgets a model; its file goes too.
    ///
    /// # Errors
    /// [`ModelsError::Unknown`], [`ModelsError::File`].
    pub fn remove(&self, name: &str) -> Result<(), ModelsError> {
        let entry = self.find(name)?;
        let choice = self.choice();
        if choice.model.as_deref() == Some(name) {
            self.choose(&crate::Choice { model: None, ..choice })?;
        }
        fs::remove_file(&entry.path).map_err(ModelsError::file(&entry.path))?;
        let record = entry.path.with_extension("json");
        fs::remove_file(&record).map_err(ModelsError::file(&record))
    }

    /// Where what comes from `origin` is gathered until it is whole, and a name for it made of `name`. The same for each try.
    ///
    /// # Errors
    /// [`ModelsError::File`] where the folder can't be made.
    pub fn part(&self, origin: &str, name: String) -> Result<(PathBuf, String), ModelsError> {
        self.make_folder()?;
        let mark: String = blake3::hash(origin.as_bytes()).to_hex().chars().take(12).collect();
        Ok((self.folder.join(format!("{mark}.part")), name))
    }

    /// That so many more bytes fit on the disk.
    ///
    /// # Errors
    /// [`ModelsError::NoRoom`], [`ModelsError::File`].
    pub fn room_for(&self, needed: u64) -> Result<(), ModelsError> {
        let stat = rustix::fs::statvfs(&self.folder).map_err(|e| ModelsError::file(&self.folder)(e.into()))?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        if needed > free { Err(ModelsError::NoRoom { folder: self.folder.clone(), needed, free }) } else { Ok(()) }
    }

    fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &str| self.folder.join(format!("{name}.gguf")).exists() || self.folder.join(format!("{name}.json")).exists();
        let base = tidy(wanted);
        if !taken(&base) {
            return base;
        }
        (2..u32::MAX).map(|n| format!("{base}-{n}")).find(|name| !taken(name)).unwrap_or(base)
    }

    fn write(&self, record: &Record) -> Result<(), ModelsError> {
        self.write_whole(&self.folder.join(format!("{}.json", record.name)), record)
    }

    /// Whole or not at all: beside, then over.
    pub(crate) fn write_whole(&self, path: &Path, value: &impl Serialize) -> Result<(), ModelsError> {
        let beside = path.with_extension("new");
        let bytes = serde_json::to_vec_pretty(value).map_err(|e| ModelsError::Record { path: path.to_owned(), why: e.to_string() })?;
        let written = fs::File::create(&beside).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&beside, path)).map_err(ModelsError::file(path))
    }

    /// For its owner alone, like the wallet's own folder.
    pub(crate) fn make_folder(&self) -> Result<(), ModelsError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder).map_err(ModelsError::file(&self.folder))
    }
}

fn read_record(path: &Path) -> Result<Record, ModelsError> {
    let bad = |why: String| ModelsError::Record { path: path.to_owned(), why };
    let bytes = fs::read(path).map_err(ModelsError::file(path))?;
    let record: Record = serde_json::from_slice(&bytes).map_err(|e| bad(e.to_string()))?;
    // The name leads to files: it must be that of this one.
    if path.file_stem().and_then(|s| s.to_str()) == Some(record.name.as_str()) {
        Ok(record)
    } else {
        Err(bad(format!("it names {:?}", record.name)))
    }
}

fn copy(from: &Path, to: &Path, stop: &CancellationToken) -> Result<(), ModelsError> {
    let mut input = fs::File::open(from).map_err(ModelsError::file(from))?;
    let mut output = fs::File::create(to).map_err(ModelsError::file(to))?;
    loop {
        if stop.is_cancelled() {
            return Err(ModelsError::Stopped);
        }
        // The system copies between files by itself, where it can without moving a byte.
        let copied = std::io::copy(&mut Read::by_ref(&mut input).take(64 << 20), &mut output).map_err(ModelsError::file(to))?;
        if copied == 0 {
            return output.sync_all().map_err(ModelsError::file(to));
        }
    }
}

fn discard(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "a leftover can't be removed");
    }
}

/// File name without its ending.
fn stem(path: &Path) -> String {
    path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A name that is good on every file system: letters, digits, `.`, `_`, `-`.
fn tidy(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' }).collect();
    let name: String = name.trim_matches(['.', '-']).chars().take(MOST_NAME).collect();
    if name.is_empty() { "model".to_owned() } else { name }
}

/// An address without user, password and query, which may carry a token.
fn public(url: &url::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Only addresses without a host refuse these.
    if url.set_username("").is_err() || url.set_password(None).is_err() {
        return url.host_str().unwrap_or_default().to_owned();
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        for (name, tidied) in
            [("../../etc/passwd", "etc-passwd"), ("Llama 3.2 (3B)", "Llama-3.2--3B"), ("", "model"), ("...", "model"), ("模型", "model")]
        {
            assert_eq!(tidy(name), tidied, "{name:?}");
        }
        assert_eq!(tidy(&"x".repeat(500)).len(), MOST_NAME);
        let url = url::Url::parse("https://ada:secret@models.example/a/b.gguf?token=1#x").expect("an address");
        assert_eq!(public(&url), "https://models.example/a/b.gguf");
    }
}
