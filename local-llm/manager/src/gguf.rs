//! The header of a GGUF file, read without trusting a single length in it.
//!
//! Format: the GGUF specification of ggml, versions 2 and 3, little endian. Every count and length is held against the
//! file's own size before anything is kept, so that a broken file costs an error and never memory.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::ModelsError;
use crate::quant;

/// Longest key, name of a tensor, or text that is kept, in bytes. ggml's own limit for names is 64.
const MOST_TEXT: u64 = 1 << 10;
/// Longest text that is passed over: chat templates of agents are long.
const MOST_SKIPPED: u64 = 1 << 24;
/// Most entries of metadata, and most tensors.
const MOST_ENTRIES: u64 = 1 << 16;
/// Most elements of an array of numbers that is kept: one a layer.
const MOST_KEPT: u64 = 4096;

/// What a model file says of itself, checked against its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gguf {
    /// `general.architecture`.
    pub architecture: String,
    /// `general.name`.
    pub name: Option<String>,
    /// `general.license`.
    pub licence: Option<String>,
    /// Whether it talks, or was trained on Parlance's own language.
    pub kind: Kind,
    /// Transformer layers.
    pub layers: u64,
    /// Tokens that it was trained to look back on.
    pub context: u64,
    /// Width of its embedding.
    pub width: u64,
    /// Width of its feed-forward part, the largest of all layers.
    pub feed_forward: u64,
    /// Attention heads.
    pub heads: u64,
    /// Numbers that one token takes in the cache of one layer, keys and values together.
    pub cache_row: u64,
    /// Tokens that it knows.
    pub vocabulary: u64,
    /// Storage type of most of its weights.
    pub quantization: String,
    /// Bytes of all tensors.
    pub weights: u64,
    /// Bytes of the tensors that belong to no layer: embedding and output.
    pub outside: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// How a model is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Trained on Parlance's own prompts: slots such as `<A1>` are single tokens.
    Parlance,
    /// An instruct model with a chat template.
    Chat,
    /// Neither: a base model, an encoder, a part of a model.
    Neither,
}

impl Gguf {
    /// Reads the header of a file, and sees to it that all its tensors are there.
    ///
    /// # Errors
    /// [`ModelsError::NotGguf`], [`ModelsError::Truncated`], [`ModelsError::Corrupt`], or [`ModelsError::File`].
    pub fn open(path: &Path) -> Result<Self, ModelsError> {
        let file = File::open(path).map_err(ModelsError::file(path))?;
        let meta = file.metadata().map_err(ModelsError::file(path))?;
        if !meta.is_file() {
            return Err(ModelsError::NotGguf { got: "something that is no file".to_owned() });
        }
        Self::read(BufReader::new(file), meta.len())
    }

    /// Reads the header from the beginning of `input`, of a file of `bytes` in all.
    ///
    /// # Errors
    /// As [`Gguf::open`].
    pub fn read(input: impl Read, bytes: u64) -> Result<Self, ModelsError> {
        let mut reader = Reader { input, at: 0, bytes };
        let magic: [u8; 4] = reader.array("its first four bytes")?;
        if magic != *b"GGUF" {
            return Err(ModelsError::NotGguf { got: format!("a file that begins with {:?}", String::from_utf8_lossy(&magic)) });
        }
        let version = reader.u32("its version")?;
        if !(2..=3).contains(&version) {
            return Err(corrupt("its version", version, "2 or 3"));
        }
        let tensors = reader.count("the number of tensors")?;
        let entries = reader.count("the number of metadata entries")?;
        let mut meta = Meta::default();
        for _ in 0..entries {
            let key = reader.text("a key", MOST_TEXT)?;
            let value = reader.value(&key)?;
            meta.entries.insert(key, value);
        }
        let table = reader.tensors(tensors)?;
        let start = meta.align(reader.at)?;
        let end = table.end(start, meta.alignment()?)?;
        if end > bytes {
            return Err(ModelsError::Truncated { what: "the last of its weights".to_owned(), needed: end, got: bytes });
        }
        meta.facts(&table, bytes)
    }
}

fn corrupt(what: impl Into<String>, got: impl ToString, expected: impl Into<String>) -> ModelsError {
    ModelsError::Corrupt { what: what.into(), got: got.to_string().chars().take(80).collect(), expected: expected.into() }
}

struct Reader<R> {
    input: R,
    at: u64,
    bytes: u64,
}

impl<R: Read> Reader<R> {
    fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], ModelsError> {
        let mut buffer = [0; N];
        self.reserve(N as u64, what)?;
        self.input.read_exact(&mut buffer).map_err(|e| self.broken(&e, what))?;
        self.at += N as u64;
        Ok(buffer)
    }

    fn u32(&mut self, what: &str) -> Result<u32, ModelsError> {
        self.array(what).map(u32::from_le_bytes)
    }

    fn u64(&mut self, what: &str) -> Result<u64, ModelsError> {
        self.array(what).map(u64::from_le_bytes)
    }

    fn count(&mut self, what: &str) -> Result<u64, ModelsError> {
        let count = self.u64(what)?;
        if count > MOST_ENTRIES { Err(corrupt(what, count, format!("at most {MOST_ENTRIES}"))) } else { Ok(count) }
    }

    /// That so many bytes may still follow: nothing is read or kept for a length that the file can't hold.
    fn reserve(&self, length: u64, what: &str) -> Result<(), ModelsError> {
        match self.at.checked_add(length) {
            Some(end) if end <= self.bytes => Ok(()),
            end => Err(ModelsError::Truncated { what: what.to_owned(), needed: end.unwrap_or(u64::MAX), got: self.bytes }),
        }
    }

    fn text(&mut self, what: &str, most: u64) -> Result<String, ModelsError> {
        let length = self.u64(what)?;
        if length > most {
            return Err(corrupt(format!("the length of {what}"), length, format!("at most {most}")));
        }
        self.bytes_as_text(length, what)
    }

    fn bytes_as_text(&mut self, length: u64, what: &str) -> Result<String, ModelsError> {
        self.reserve(length, what)?;
        let mut buffer = vec![0; usize::try_from(length).unwrap_or(0)];
        self.input.read_exact(&mut buffer).map_err(|e| self.broken(&e, what))?;
        self.at += length;
        // Vocabularies hold bytes that are no text; what is shown of them is.
        Ok(String::from_utf8_lossy(&buffer).into_owned())
    }

    fn skip(&mut self, length: u64, what: &str) -> Result<(), ModelsError> {
        self.reserve(length, what)?;
        let passed = io::copy(&mut self.input.by_ref().take(length), &mut io::sink()).map_err(|e| self.broken(&e, what))?;
        self.at += passed;
        if passed == length {
            Ok(())
        } else {
            Err(ModelsError::Truncated { what: what.to_owned(), needed: self.at + length - passed, got: self.at })
        }
    }

    fn broken(&self, error: &io::Error, what: &str) -> ModelsError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => ModelsError::Truncated { what: what.to_owned(), needed: self.bytes, got: self.at },
            _ => corrupt(what, error, "bytes that can be read"),
        }
    }

    fn value(&mut self, key: &str) -> Result<Value, ModelsError> {
        let kind = self.u32(key)?;
        match kind {
            8 => {
                let length = self.u64(key)?;
                if length > MOST_SKIPPED {
                    return Err(corrupt(format!("the length of {key}"), length, format!("at most {MOST_SKIPPED}")));
                }
                if length > MOST_TEXT {
                    self.skip(length, key)?;
                    return Ok(Value::Long);
                }
                self.bytes_as_text(length, key).map(Value::Text)
            }
            9 => self.list(key),
            _ => self.number(kind, key),
        }
    }

    fn number(&mut self, kind: u32, key: &str) -> Result<Value, ModelsError> {
        let whole = |n: i64| u64::try_from(n).map_or(Value::Other, Value::Number);
        Ok(match kind {
            0 => Value::Number(u64::from(u8::from_le_bytes(self.array(key)?))),
            1 => whole(i64::from(i8::from_le_bytes(self.array(key)?))),
            2 => Value::Number(u64::from(u16::from_le_bytes(self.array(key)?))),
            3 => whole(i64::from(i16::from_le_bytes(self.array(key)?))),
            4 => Value::Number(u64::from(self.u32(key)?)),
            5 => whole(i64::from(i32::from_le_bytes(self.array(key)?))),
            7 => {
                self.skip(1, key)?;
                Value::Other
            }
            6 => {
                self.skip(4, key)?;
                Value::Other
            }
            10 => Value::Number(self.u64(key)?),
            11 => whole(i64::from_le_bytes(self.array(key)?)),
            12 => {
                self.skip(8, key)?;
                Value::Other
            }
            other => return Err(corrupt(format!("the type of {key}"), other, "a type of GGUF, 0 to 12")),
        })
    }

    fn list(&mut self, key: &str) -> Result<Value, ModelsError> {
        let kind = self.u32(key)?;
        let count = self.u64(key)?;
        match kind {
            8 => {
                // Each takes eight bytes at least.
                self.reserve(count.saturating_mul(8), key)?;
                let tokens = key == "tokenizer.ggml.tokens";
                let mut slot = false;
                for _ in 0..count {
                    let length = self.u64(key)?;
                    if tokens && length == 4 {
                        slot |= self.array::<4>(key)? == *b"<A1>";
                    } else if length > MOST_SKIPPED {
                        return Err(corrupt(format!("the length of a text in {key}"), length, format!("at most {MOST_SKIPPED}")));
                    } else {
                        self.skip(length, key)?;
                    }
                }
                Ok(Value::Texts { count, slot })
            }
            9 => Err(corrupt(format!("the type of {key}"), "a list of lists", "a list of texts or numbers")),
            _ if count <= MOST_KEPT => {
                let mut numbers = Vec::new();
                for _ in 0..count {
                    if let Value::Number(n) = self.number(kind, key)? {
                        numbers.push(n);
                    }
                }
                Ok(Value::Numbers(numbers))
            }
            _ => {
                let size = match kind {
                    0 | 1 | 7 => 1,
                    2 | 3 => 2,
                    4..=6 => 4,
                    10..=12 => 8,
                    other => return Err(corrupt(format!("the type of {key}"), other, "a type of GGUF, 0 to 12")),
                };
                self.skip(count.saturating_mul(size), key)?;
                Ok(Value::Other)
            }
        }
    }

    fn tensors(&mut self, count: u64) -> Result<Table, ModelsError> {
        let mut table = Table::default();
        for _ in 0..count {
            let name = self.text("the name of a tensor", MOST_TEXT)?;
            let rank = self.u32(&name)?;
            if rank > 4 {
                return Err(corrupt(format!("the dimensions of {name}"), rank, "at most 4"));
            }
            let mut dimensions = Vec::new();
            for _ in 0..rank {
                dimensions.push(self.u64(&name)?);
            }
            let kind = self.u32(&name)?;
            let offset = self.u64(&name)?;
            let (quant, bytes) = quant::size(kind, &dimensions).ok_or_else(|| {
                corrupt(
                    format!("the weights of {name}"),
                    format!("type {kind}, {dimensions:?}"),
                    "a storage type and shape that llama.cpp reads",
                )
            })?;
            table.weights = table.weights.checked_add(bytes).ok_or_else(|| corrupt("the size of all weights", "more than 2^64", "less"))?;
            *table.by_quant.entry(quant).or_default() += bytes;
            if !name.starts_with("blk.") {
                table.outside += bytes;
            }
            if name == "token_embd.weight" {
                table.embedded = dimensions.get(1).copied().unwrap_or(0);
            }
            table.tensors.push((name, offset, bytes));
        }
        Ok(table)
    }
}

/// The tensors of a file.
#[derive(Default)]
struct Table {
    tensors: Vec<(String, u64, u64)>,
    by_quant: BTreeMap<&'static str, u64>,
    weights: u64,
    outside: u64,
    /// Rows of the embedding.
    embedded: u64,
}

impl Table {
    /// Where the last tensor ends in the file. They follow each other without gaps, as ggml demands.
    fn end(&self, start: u64, alignment: u64) -> Result<u64, ModelsError> {
        let (mut expected, mut last) = (0_u64, start);
        for (name, offset, bytes) in &self.tensors {
            if *offset != expected {
                return Err(corrupt(format!("the place of {name}"), offset, expected.to_string()));
            }
            let too_far = || corrupt(format!("the place of {name}"), offset, "a place in the file");
            last = start.checked_add(*offset).and_then(|at| at.checked_add(*bytes)).ok_or_else(too_far)?;
            expected = offset.checked_add(*bytes).and_then(|end| end.checked_next_multiple_of(alignment)).ok_or_else(too_far)?;
        }
        Ok(last)
    }
}

enum Value {
    Text(String),
    Number(u64),
    Numbers(Vec<u64>),
    Texts {
        count: u64,
        slot: bool,
    },
    /// A text that is there, and is not kept.
    Long,
    Other,
}

#[derive(Default)]
struct Meta {
    entries: HashMap<String, Value>,
}

impl Meta {
    fn text(&self, key: &str) -> Option<String> {
        match self.entries.get(key) {
            // Shown to people: no control characters, no more than a line.
            Some(Value::Text(text)) => Some(text.chars().filter(|c| !c.is_control()).take(120).collect()),
            _ => None,
        }
    }

    /// A number, or the largest of a list with one for each layer.
    fn number(&self, key: &str) -> Option<u64> {
        match self.entries.get(key) {
            Some(Value::Number(n)) => Some(*n),
            Some(Value::Numbers(list)) => list.iter().copied().max(),
            _ => None,
        }
    }

    fn alignment(&self) -> Result<u64, ModelsError> {
        match self.number("general.alignment") {
            None => Ok(32),
            Some(n) if n.is_power_of_two() && n <= 1 << 16 => Ok(n),
            Some(n) => Err(corrupt("general.alignment", n, "a power of two up to 65536")),
        }
    }

    fn align(&self, at: u64) -> Result<u64, ModelsError> {
        let alignment = self.alignment()?;
        at.checked_next_multiple_of(alignment).ok_or_else(|| corrupt("its header", at, "a place in the file"))
    }

    fn facts(&self, table: &Table, bytes: u64) -> Result<Gguf, ModelsError> {
        let architecture =
            self.text("general.architecture").ok_or_else(|| corrupt("general.architecture", "nothing", "the model's architecture"))?;
        let of = |key: &str| self.number(&format!("{architecture}.{key}"));
        let needed = |key: &str, most: u64| match of(key) {
            Some(n) if (1..=most).contains(&n) => Ok(n),
            Some(n) => Err(corrupt(format!("{architecture}.{key}"), n, format!("1 to {most}"))),
            None => Err(corrupt(format!("{architecture}.{key}"), "nothing", "a number")),
        };
        let layers = needed("block_count", 4096)?;
        let width = needed("embedding_length", 1 << 20)?;
        let context = needed("context_length", 1 << 32)?;
        let heads = of("attention.head_count").unwrap_or(1).clamp(1, 1 << 16);
        let cached = of("attention.head_count_kv").unwrap_or(heads).clamp(1, 1 << 16);
        let row = |key: &str| of(key).unwrap_or(width / heads).min(1 << 20);
        let (vocabulary, slot) = match self.entries.get("tokenizer.ggml.tokens") {
            Some(Value::Texts { count, slot }) => (*count, *slot),
            _ => (of("vocab_size").unwrap_or(table.embedded).min(1 << 32), false),
        };
        let template = self.entries.keys().any(|k| k == "tokenizer.chat_template" || k.starts_with("tokenizer.chat_template."));
        let quantization = table.by_quant.iter().max_by_key(|(_, bytes)| **bytes).map_or("none", |(name, _)| name);
        Ok(Gguf {
            name: self.text("general.name"),
            licence: self.text("general.license"),
            kind: match (slot, template) {
                (true, _) => Kind::Parlance,
                (false, true) => Kind::Chat,
                (false, false) => Kind::Neither,
            },
            layers,
            context,
            width,
            feed_forward: of("feed_forward_length").unwrap_or(4 * width).min(1 << 24),
            heads,
            cache_row: cached * (row("attention.key_length") + row("attention.value_length")),
            vocabulary,
            quantization: quantization.to_owned(),
            weights: table.weights,
            outside: table.outside,
            bytes,
            architecture,
        })
    }
}
