//! Lines of bounded length: one that is too long is skipped without being held in memory.

use std::io::{self, BufRead};

/// One line of the input.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// Its bytes, without the line break.
    Whole(Vec<u8>),
    /// It was longer than permitted and was dropped.
    TooLong,
}

/// Reads bounded lines.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    most: usize,
}

impl<R: BufRead> Lines<R> {
    /// Lines of at most `most` bytes, the line break not counted.
    pub fn new(input: R, most: usize) -> Lines<R> {
        Lines { input, most }
    }

    /// The next line; `None` at the end of the input. A last line without a line break counts.
    ///
    /// # Errors
    /// Those of the input.
    pub fn read(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::new();
        let mut dropped = false;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if chunk.is_empty() {
                return Ok(match (dropped, line.is_empty()) {
                    (true, _) => Some(Line::TooLong),
                    (false, true) => None,
                    (false, false) => Some(Line::Whole(line)),
                });
            }
            let end = chunk.iter().position(|b| *b == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            if dropped || line.len() + part.len() > self.most {
                dropped = true;
                line = Vec::new();
            } else {
                line.extend_from_slice(part);
            }
            let used = end.map_or(chunk.len(), |e| e + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(Some(if dropped { Line::TooLong } else { Line::Whole(line) }));
            }
        }
    }
}
