//! The second voice: a linear classifier over hashed n-grams that names the intent, and nothing else.
//!
//! `README.md` gives the file format. The file is untrusted: every length is checked before it is used.

use crate::error::UnderstandError;

const MAGIC: &[u8; 8] = b"PLNGRAM1";
const MAX_LABELS: usize = 256;

/// A loaded classifier.
#[derive(Clone, Debug)]
pub struct Ngram {
    buckets: usize,
    temperature: f32,
    labels: Vec<String>,
    bias: Vec<f32>,
    scale: Vec<f32>,
    weights: Vec<i8>,
}

/// One label and how likely it is, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// As in the file: an intent's name, `schedule:swap`, `unclear:unsafe`.
    pub label: String,
    /// 0 to 1; over all labels they add up to 1.
    pub probability: f32,
}

impl Ngram {
    /// Reads a file.
    ///
    /// # Errors
    /// [`UnderstandError::Ngram`] says where the bytes leave the format.
    pub fn parse(bytes: &[u8]) -> Result<Ngram, UnderstandError> {
        let mut read = Reader { bytes, at: 0 };
        if read.take(8)? != MAGIC {
            return Err(wrong("magic PLNGRAM1", "other bytes"));
        }
        let buckets = read.u32()? as usize;
        if !buckets.is_power_of_two() || !(1 << 10..=1 << 20).contains(&buckets) {
            return Err(wrong("buckets: a power of two from 2^10 to 2^20", &buckets.to_string()));
        }
        let count = read.u32()? as usize;
        if !(2..=MAX_LABELS).contains(&count) {
            return Err(wrong("2 to 256 labels", &count.to_string()));
        }
        let temperature = read.f32()?;
        if !(temperature.is_finite() && temperature > 0.0) {
            return Err(wrong("a positive temperature", &temperature.to_string()));
        }
        let block = read.u32()? as usize;
        let labels: Vec<String> = std::str::from_utf8(read.take(block)?)
            .map_err(|e| wrong("labels in UTF-8", &e.to_string()))?
            .split('\n')
            .map(str::to_owned)
            .collect();
        if labels.len() != count || labels.iter().any(String::is_empty) {
            return Err(wrong(&format!("{count} labels"), &labels.len().to_string()));
        }
        let bias = read.floats(count)?;
        let scale = read.floats(count)?;
        let weights: Vec<i8> = read.take(buckets * count)?.iter().map(|b| b.cast_signed()).collect();
        if read.at != bytes.len() {
            return Err(wrong("the end of the file", &format!("{} more bytes", bytes.len() - read.at)));
        }
        Ok(Ngram { buckets, temperature, labels, bias, scale, weights })
    }

    /// Every label with its probability, most likely first.
    pub fn votes(&self, prompt: &str) -> Vec<Vote> {
        let rows = features(prompt, self.buckets);
        let mut sums = vec![0_i32; self.labels.len()];
        for row in &rows {
            let start = row * self.labels.len();
            for (sum, weight) in sums.iter_mut().zip(self.weights.iter().skip(start)) {
                *sum += i32::from(*weight);
            }
        }
        let v = 1.0 / (rows.len().max(1) as f32).sqrt();
        let logits: Vec<f32> = sums
            .iter()
            .zip(self.bias.iter().zip(&self.scale))
            .map(|(sum, (bias, scale))| (bias + scale * *sum as f32 * v) / self.temperature)
            .collect();
        let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let exps: Vec<f32> = logits.iter().map(|l| (l - top).exp()).collect();
        let total: f32 = exps.iter().sum();
        let mut votes: Vec<Vote> =
            self.labels.iter().zip(exps).map(|(label, e)| Vote { label: label.clone(), probability: e / total }).collect();
        votes.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        votes
    }
}

/// The rows that a prompt touches, sorted, each once.
pub fn features(prompt: &str, buckets: usize) -> Vec<usize> {
    let words: Vec<&str> =
        prompt.split(' ').filter(|w| !w.is_empty()).map(|w| w.trim_end_matches('\n')).filter(|w| !w.is_empty()).collect();
    let mut rows = Vec::new();
    let mut add = |feature: &str| rows.push((fnv1a(feature.as_bytes()) % buckets as u64) as usize);
    let mut framed = Vec::with_capacity(words.len() + 2);
    framed.push("^");
    framed.extend(&words);
    framed.push("$");
    for word in &words {
        add(&format!("w1:{word}"));
    }
    for n in [2, 3] {
        for run in framed.windows(n) {
            add(&format!("w{n}:{}", run.join(" ")));
        }
    }
    for word in words.iter().filter(|w| !(w.starts_with('<') && w.ends_with('>'))) {
        let chars: Vec<char> = std::iter::once('_').chain(word.chars()).chain(std::iter::once('_')).collect();
        for n in 3..=5 {
            for gram in chars.windows(n) {
                add(&format!("c:{}", gram.iter().collect::<String>()));
            }
        }
    }
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], UnderstandError> {
        let end = self.at.checked_add(len).ok_or_else(|| wrong("a length", "an overflow"))?;
        let part = self
            .bytes
            .get(self.at..end)
            .ok_or_else(|| wrong(&format!("{len} bytes at {}", self.at), &format!("{} bytes", self.bytes.len() - self.at)))?;
        self.at = end;
        Ok(part)
    }

    fn four(&mut self) -> Result<[u8; 4], UnderstandError> {
        self.take(4)?.try_into().map_err(|_| wrong("4 bytes", "fewer"))
    }

    fn u32(&mut self) -> Result<u32, UnderstandError> {
        Ok(u32::from_le_bytes(self.four()?))
    }

    fn f32(&mut self) -> Result<f32, UnderstandError> {
        Ok(f32::from_le_bytes(self.four()?))
    }

    fn floats(&mut self, count: usize) -> Result<Vec<f32>, UnderstandError> {
        let floats: Vec<f32> = (0..count).map(|_| self.f32()).collect::<Result<_, _>>()?;
        if floats.iter().all(|f| f.is_finite()) { Ok(floats) } else { Err(wrong("finite numbers", "infinity or NaN")) }
    }
}

fn wrong(expected: &str, got: &str) -> UnderstandError {
    UnderstandError::Ngram { expected: expected.to_owned(), got: got.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_the_documented_ones() {
        let documented = [
            "w1:send",
            "w1:<A1>",
            "w2:^ send",
            "w2:send <A1>",
            "w2:<A1> $",
            "w3:^ send <A1>",
            "w3:send <A1> $",
            "c:_se",
            "c:sen",
            "c:end",
            "c:nd_",
            "c:_sen",
            "c:send",
            "c:end_",
            "c:_send",
            "c:send_",
        ];
        let mut expected: Vec<usize> = documented.iter().map(|f| (fnv1a(f.as_bytes()) % 65536) as usize).collect();
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(features("send <A1>\n", 65536), expected);
        assert_eq!(expected.len(), documented.len());
    }

    #[test]
    fn fnv_matches_its_published_values() {
        // draft-eastlake-fnv: FNV-1a 64 of "" and "a", "foobar".
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    pub(crate) fn file(buckets: u32, rows: &[(&str, &str)], labels: &[&str]) -> Vec<u8> {
        let block = labels.join("\n");
        let mut bytes = MAGIC.to_vec();
        bytes.extend(buckets.to_le_bytes());
        bytes.extend((labels.len() as u32).to_le_bytes());
        bytes.extend(1.0_f32.to_le_bytes());
        bytes.extend((block.len() as u32).to_le_bytes());
        bytes.extend(block.as_bytes());
        bytes.extend(labels.iter().flat_map(|_| 0.0_f32.to_le_bytes()));
        bytes.extend(labels.iter().flat_map(|_| 0.2_f32.to_le_bytes()));
        let mut weights = vec![0_u8; buckets as usize * labels.len()];
        for (feature, label) in rows {
            let column = labels.iter().position(|l| l == label).expect("label");
            weights[(fnv1a(feature.as_bytes()) % u64::from(buckets)) as usize * labels.len() + column] = 100;
        }
        bytes.extend(weights);
        bytes
    }

    #[test]
    fn a_weighted_word_decides() {
        let bytes = file(1024, &[("w1:send", "send"), ("w1:price", "price")], &["send", "price", "unclear:unsafe"]);
        let ngram = Ngram::parse(&bytes).expect("well formed");
        let votes = ngram.votes("send <A1> <T1>\n");
        assert_eq!(votes[0].label, "send");
        assert!(votes[0].probability > 0.9, "{votes:?}");
        assert!((votes.iter().map(|v| v.probability).sum::<f32>() - 1.0).abs() < 1e-5);
        assert_eq!(ngram.votes("price of <T1>\n")[0].label, "price");
    }

    #[test]
    fn every_truncation_and_trailing_byte_is_refused() {
        let bytes = file(1024, &[], &["a", "b"]);
        for len in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
            assert!(Ngram::parse(&bytes[..len]).is_err(), "{len}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(Ngram::parse(&longer).is_err());
        let mut zero = bytes;
        zero[16..20].copy_from_slice(&0.0_f32.to_le_bytes());
        assert!(Ngram::parse(&zero).is_err());
    }
}
