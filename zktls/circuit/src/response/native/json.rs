//! JSON (RFC 8259) with positions: the objects at one depth, as far as the text goes.

use std::ops::Range;

use super::Refusal;

/// An object.
pub(super) struct Object {
    /// Its opening bracket.
    pub(super) opened: usize,
    /// Behind its closing bracket.
    pub(super) closed: usize,
    /// In the text's order.
    pub(super) members: Vec<Member>,
}

/// A key and its value.
#[derive(Clone)]
pub(super) struct Member {
    /// The key as it is written.
    pub(super) key: Vec<u8>,
    /// Its closing quote.
    pub(super) key_end: usize,
    /// Its colon.
    pub(super) colon: usize,
    /// Its value.
    pub(super) value: Range<usize>,
    /// What that is.
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Clone)]
pub(super) enum Kind {
    /// An object.
    Object(Vec<Member>),
    /// Anything else.
    Other,
}

impl Member {
    /// Its value's text.
    pub(super) fn text<'a>(&self, response: &'a [u8]) -> &'a [u8] {
        response.get(self.value.clone()).unwrap_or_default()
    }
}

/// All objects at `depth`, from 2 on those in arrays, that are closed before `end`, and why nothing comes after them, where it is not the text's end.
pub(super) fn objects(text: &[u8], start: usize, end: usize, depth: u8) -> (Vec<Object>, Option<Refusal>) {
    let mut reader = Reader { text: text.get(..end).unwrap_or(text), at: start, depth: depth.into(), objects: Vec::new() };
    let stop = reader.value(0, true).err();
    (reader.objects, stop)
}

/// More levels are no bank's answer.
const LEVELS: usize = 64;

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    objects: Vec<Object>,
}

impl Reader<'_> {
    fn peek(&self) -> Result<u8, Refusal> {
        self.text.get(self.at).copied().ok_or(Refusal::Truncated { at: self.text.len() })
    }

    fn next(&mut self) -> Result<u8, Refusal> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    fn wrong<T>(&self, why: &'static str) -> Result<T, Refusal> {
        Err(Refusal::NotJson { at: self.at, why })
    }

    fn white(&mut self) -> Result<u8, Refusal> {
        while matches!(self.peek()?, b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        self.peek()
    }

    fn value(&mut self, around: usize, listed: bool) -> Result<Kind, Refusal> {
        if around > LEVELS {
            return Err(Refusal::TooDeep { at: self.at });
        }
        match self.white()? {
            b'{' => return self.object(around + 1, listed).map(Kind::Object),
            b'[' => self.array(around + 1)?,
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => return self.wrong("a value should begin here"),
        }
        Ok(Kind::Other)
    }

    fn object(&mut self, depth: usize, listed: bool) -> Result<Vec<Member>, Refusal> {
        let opened = self.at;
        self.at += 1;
        let mut members = Vec::new();
        let mut byte = self.white()?;
        while byte != b'}' {
            if byte != b'"' {
                return self.wrong("a key should begin here");
            }
            let key = self.at + 1;
            self.string()?;
            let key_end = self.at - 1;
            let key = self.text.get(key..key_end).unwrap_or_default().to_vec();
            if self.white()? != b':' {
                return self.wrong("a colon should stand here");
            }
            let colon = self.at;
            self.at += 1;
            self.white()?;
            let value = self.at;
            let kind = self.value(depth, false)?;
            members.push(Member { key, key_end, colon, value: value..self.at, kind });
            byte = self.more(b'}')?;
        }
        self.at += 1;
        if depth == self.depth && listed {
            self.objects.push(Object { opened, closed: self.at, members: members.clone() });
        }
        Ok(members)
    }

    fn array(&mut self, depth: usize) -> Result<(), Refusal> {
        self.at += 1;
        let mut byte = self.white()?;
        while byte != b']' {
            self.value(depth, true)?;
            byte = self.more(b']')?;
        }
        self.at += 1;
        Ok(())
    }

    /// Either the closing bracket, or what follows a comma.
    fn more(&mut self, close: u8) -> Result<u8, Refusal> {
        match self.white()? {
            b',' => {
                self.at += 1;
                if self.white()? == close { self.wrong("a value should follow the comma") } else { self.peek() }
            }
            byte if byte == close => Ok(byte),
            _ => self.wrong("a comma or a closing bracket should stand here"),
        }
    }

    fn string(&mut self) -> Result<(), Refusal> {
        self.at += 1;
        loop {
            match self.next()? {
                b'"' => return Ok(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        for _ in 0..4 {
                            if !self.next()?.is_ascii_hexdigit() {
                                return self.wrong("four hexadecimal digits should stand before here");
                            }
                        }
                    }
                    _ => return self.wrong("an unknown escape"),
                },
                0..=0x1f => return self.wrong("a control character in a string"),
                _ => {}
            }
        }
    }

    fn digits(&mut self) -> Result<(), Refusal> {
        if !self.peek()?.is_ascii_digit() {
            return self.wrong("a digit should stand here");
        }
        while self.peek()?.is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Refusal> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek()? == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek()?, b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek()?, b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), Refusal> {
        for expected in word {
            if self.next()? != *expected {
                return self.wrong("an unknown word");
            }
        }
        Ok(())
    }
}
