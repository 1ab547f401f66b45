//! From ciphertext to plaintext in order: which block of which record holds which byte of the text.
//!
//! The verifier lays out rows of sixteen ciphertext bytes ([`Layout`]) from the recorded lengths; they are public. In the circuit
//! each row is decrypted, and each of its bytes becomes a row `place * 256 + byte` of a table, from which the text is read by
//! position and the inner type of every record by its own place. The verifier makes each place below the capacity the place of
//! exactly one byte, and each place of a type that of one byte, so what is read there is what the record holds.

use bellpepper_core::boolean::Boolean;
use bellpepper_core::{ConstraintSystem, SynthesisError};
use ff::PrimeField;
use parlance_zktls_protocol::Suite;

use crate::aes;
use crate::bytes::Byte;
use crate::chacha;
use crate::error::CircuitError;
use crate::lookup::{Lookups, Table};
use crate::public::{Pack, Packed, Ties};
use crate::response::MOST_BYTES;
use crate::sum::{self, Sum, ask, bits, equal, one};

/// Bytes in a row.
pub const ROW: usize = 16;
/// Where the inner type of record k is: `TYPES + ROW * k`. Capacities are far below: who asks a little beyond the text finds nothing.
pub const TYPES: u16 = 0x4000;
/// `place * 256 + type` is below.
const TYPE_BITS: usize = 24;
/// Where bytes go that nobody reads: beyond the last type.
const NOWHERE: u16 = 0x8000;
/// TLS's inner type of a handshake message after the handshake: a session ticket.
pub const HANDSHAKE: u8 = 22;
/// TLS's inner type of application data.
pub const APPLICATION_DATA: u8 = 23;

/// A protected record without its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Sequence number under the traffic key.
    pub sequence: u64,
    /// Ciphertext of content and inner type.
    pub ciphertext: Vec<u8>,
    /// What its inner type is claimed to be.
    pub inner_type: u8,
}

/// Sixteen bytes of ciphertext, and where their plaintext belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Zero beyond the record's end.
    pub ciphertext: [u8; ROW],
    /// Place of the first byte, for bytes that are text.
    pub base: u16,
    /// The same for those that are not.
    pub fill: u16,
    /// Bit j: byte j is text.
    pub text: u16,
}

/// Which keystream block decrypts a group of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The record's sequence number.
    pub sequence: u16,
    /// The block's counter: from 2 with AES-GCM, from 1 with ChaCha20-Poly1305.
    pub counter: u16,
}

/// A keystream block with its rows: one with AES, four with ChaCha20.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which.
    pub place: Place,
    /// [`rows_per_block`] of them.
    pub rows: Vec<Row>,
}

/// How many bytes and records a direction may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Capacity {
    /// Bytes of text.
    pub text: usize,
    /// Records, those that are skipped included.
    pub records: usize,
}

/// The rows of a direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// As many as [`Capacity::blocks`] says.
    pub blocks: Vec<Block>,
    /// `place * 256 + type` of each record; the first one's again where there are fewer.
    pub types: Vec<u32>,
    /// Bytes of text.
    pub length: usize,
}

/// Rows of sixteen bytes to a keystream block.
#[must_use]
pub const fn rows_per_block(suite: Suite) -> usize {
    match suite {
        Suite::Aes128GcmSha256 => 1,
        Suite::ChaCha20Poly1305Sha256 => 4,
    }
}

const fn first_counter(suite: Suite) -> usize {
    match suite {
        Suite::Aes128GcmSha256 => 2,
        Suite::ChaCha20Poly1305Sha256 => 1,
    }
}

impl Capacity {
    /// Keystream blocks that are enough for any way to cut the text into records.
    #[must_use]
    pub const fn blocks(&self, suite: Suite) -> usize {
        let bytes = ROW * rows_per_block(suite);
        self.text.div_ceil(bytes) + self.records
    }
}

impl Layout {
    /// Lay out these records: first those that are only shown to be no text (`skipped`), then those whose content is the text.
    ///
    /// # Errors
    /// Where they don't fit the capacity.
    pub fn new(suite: Suite, capacity: Capacity, skipped: &[Record], text: &[Record]) -> Result<Self, CircuitError> {
        let bytes = ROW * rows_per_block(suite);
        let number = skipped.len() + text.len();
        let length: usize = text.iter().map(|r| r.ciphertext.len().saturating_sub(1)).sum();
        let too_large = |what, got, most| Err(CircuitError::TooLarge { what, got, most });
        if text.is_empty() || number > capacity.records {
            return too_large("records", number, capacity.records);
        }
        if length > capacity.text {
            return too_large("bytes", length, capacity.text);
        }
        let mut blocks = Vec::with_capacity(capacity.blocks(suite));
        let mut types = Vec::with_capacity(capacity.records);
        let mut at = 0;
        for (k, record) in skipped.iter().chain(text).enumerate() {
            let Some(content) = record.ciphertext.len().checked_sub(1) else {
                return Err(CircuitError::EmptyRecord { sequence: record.sequence });
            };
            let Ok(sequence) = u16::try_from(record.sequence) else {
                return too_large("sequence number", usize::try_from(record.sequence).unwrap_or(usize::MAX), usize::from(u16::MAX));
            };
            let type_at = TYPES + u16::try_from(ROW * k).unwrap_or(0);
            let is_text = k >= skipped.len();
            // Of what is skipped only the block with the type is looked at.
            let first = if is_text { 0 } else { content / bytes };
            for number in first..=content / bytes {
                let Ok(counter) = u16::try_from(number + first_counter(suite)) else {
                    return too_large("blocks in a record", number, usize::from(u16::MAX));
                };
                let row = |r: usize| {
                    let start = number * bytes + r * ROW;
                    let here = record.ciphertext.get(start..).unwrap_or_default();
                    let mut ciphertext = [0; ROW];
                    ciphertext.iter_mut().zip(here).for_each(|(to, from)| *to = *from);
                    let live = if is_text { content.saturating_sub(start).min(ROW) } else { 0 };
                    let last = start <= content && content < start + ROW;
                    // The type is at its place; what is around it, less than a row away.
                    let fill = if last { type_at - small(content - start) } else { NOWHERE };
                    Row { ciphertext, base: small(at + start), fill, text: mask(live) }
                };
                blocks.push(Block { place: Place { sequence, counter }, rows: (0..rows_per_block(suite)).map(row).collect() });
            }
            types.push(u32::from(type_at) * 256 + u32::from(record.inner_type));
            if is_text {
                at += content;
            }
        }
        // What is left covers the places beyond the text, whatever is there.
        while blocks.len() < capacity.blocks(suite) {
            let row = |r: usize| {
                let start = at + r * ROW;
                let live = capacity.text.saturating_sub(start).min(ROW);
                Row { ciphertext: [0; ROW], base: small(start), fill: NOWHERE, text: mask(live) }
            };
            blocks.push(Block {
                place: Place { sequence: u16::MAX, counter: u16::MAX },
                rows: (0..rows_per_block(suite)).map(row).collect(),
            });
            at += bytes;
        }
        types.resize(capacity.records, types.first().copied().unwrap_or_default());
        Ok(Self { blocks, types, length })
    }
}

impl Layout {
    /// The public inputs of these rows, as [`text`] ties them.
    pub fn elements<F: PrimeField>(&self, out: &mut Packed<F>) {
        for block in &self.blocks {
            out.number(block.place.sequence.into(), 16);
            out.number(block.place.counter.into(), 16);
            for row in &block.rows {
                out.bytes(&row.ciphertext);
                [row.base, row.fill, row.text].into_iter().for_each(|n| out.number(n.into(), 16));
                out.end();
            }
        }
        self.types.iter().for_each(|t| out.number((*t).into(), TYPE_BITS));
        out.end();
    }
}

fn small(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(NOWHERE)
}

/// The lowest `live` bits.
fn mask(live: usize) -> u16 {
    u16::try_from((1_u32 << live) - 1).unwrap_or(u16::MAX)
}

/// The traffic key of a direction, ready to decrypt.
pub enum Cipher<F: PrimeField> {
    /// AES-128 in counter mode.
    Aes(Box<aes::RoundKeys<F>>),
    /// ChaCha20.
    ChaCha(Vec<Byte>),
}

impl<F: PrimeField> Cipher<F> {
    /// Of a key of 16 or 32 bytes.
    ///
    /// # Errors
    /// As the constraint system's.
    pub fn new<CS: ConstraintSystem<F>>(
        cs: &mut CS,
        suite: Suite,
        key: Vec<Byte>,
        lookups: &mut Lookups<F>,
    ) -> Result<Self, SynthesisError> {
        Ok(match suite {
            Suite::Aes128GcmSha256 => Self::Aes(Box::new(aes::expand(cs, &key, lookups)?)),
            Suite::ChaCha20Poly1305Sha256 => Self::ChaCha(key),
        })
    }
}

/// Decrypts all blocks of a direction and writes their bytes into `table`, rows place · 256 + byte; reads the text and the types
/// back by place. Numbers and bits are allocated apart, as far as they can be: see [`aes::ctr_blocks`].
///
/// # Errors
/// As the constraint system's.
#[allow(clippy::too_many_arguments, reason = "the parts of a direction")]
pub fn text<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    suite: Suite,
    capacity: Capacity,
    layout: Option<&Layout>,
    (key, iv): (Vec<Byte>, &[Byte]),
    table: Table,
    ties: &mut Ties<F>,
    lookups: &mut Lookups<F>,
) -> Result<Vec<Byte>, SynthesisError> {
    if capacity.text > MOST_BYTES {
        return Err(SynthesisError::Unsatisfiable);
    }
    let cipher = Cipher::new(&mut cs.namespace(|| "cipher"), suite, key, lookups)?;
    let mut blocks = Vec::with_capacity(capacity.blocks(suite));
    for i in 0..capacity.blocks(suite) {
        let block = match layout {
            Some(layout) => Some(layout.blocks.get(i).ok_or(SynthesisError::Unsatisfiable)?),
            None => None,
        };
        let block = CircuitBlock::alloc(&mut cs.namespace(|| format!("block {i}")), suite, iv, block)?;
        block.tie(ties);
        blocks.push(block);
    }
    let plain = decrypt(&mut cs.namespace(|| "plaintext"), &cipher, &blocks, lookups)?;
    // What the circuit finds at each place; beyond the text it is whatever the unused blocks give.
    let mut found: Vec<Option<u8>> = vec![None; capacity.text];
    let rows = blocks.iter().flat_map(|block| &block.rows).zip(plain.iter().flat_map(|plain| plain.chunks(ROW)));
    for (i, (row, plain)) in rows.enumerate() {
        row.write(&mut cs.namespace(|| format!("places of row {i}")), plain, table, &mut found, lookups)?;
    }
    let mut pack = Pack::default();
    for k in 0..capacity.records {
        let value = layout.and_then(|l| l.types.get(k)).copied();
        let asked = bits(cs, &format!("type {k}"), TYPE_BITS, value.map(u64::from))?;
        pack.bits(&asked);
        ask(lookups, table, &Sum::bits(&asked));
    }
    pack.tie(ties);
    let read = found.into_iter().enumerate();
    read.map(|(place, value)| {
        let byte = Byte::alloc(&mut cs.namespace(|| format!("text {place}")), value)?;
        ask(lookups, table, &Sum::constant(place as u64 * 256).plus(&Sum::byte(&byte)));
        Ok(byte)
    })
    .collect()
}

/// The plaintexts of all blocks.
fn decrypt<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    cipher: &Cipher<F>,
    blocks: &[CircuitBlock],
    lookups: &mut Lookups<F>,
) -> Result<Vec<Vec<Byte>>, SynthesisError> {
    match cipher {
        Cipher::Aes(keys) => {
            let counters: Vec<Vec<Byte>> = blocks.iter().map(|b| [b.nonce.clone(), b.counter(true)].concat()).collect();
            let blocks = counters.iter().zip(blocks).map(|(counter, block)| {
                let row = block.rows.first().ok_or(SynthesisError::Unsatisfiable)?;
                Ok(aes::Block { counter, ciphertext: &row.ciphertext })
            });
            aes::ctr_blocks(cs, keys, &blocks.collect::<Result<Vec<_>, SynthesisError>>()?, lookups)
        }
        Cipher::ChaCha(key) => {
            let block = |(i, block): (usize, &CircuitBlock)| {
                let mut cs = cs.namespace(|| format!("block {i}"));
                let stream = chacha::keystream_block(&mut cs.namespace(|| "chacha"), key, &block.counter(false), &block.nonce)?;
                let ciphertext: Vec<Byte> = block.rows.iter().flat_map(|r| r.ciphertext.iter().cloned()).collect();
                chacha::xor_bytes(&mut cs.namespace(|| "xor"), &stream, &ciphertext)
            };
            blocks.iter().enumerate().map(block).collect()
        }
    }
}

struct CircuitBlock {
    sequence: Vec<Boolean>,
    counter: Vec<Boolean>,
    nonce: Vec<Byte>,
    rows: Vec<CircuitRow>,
}

impl CircuitBlock {
    fn alloc<F: PrimeField, CS: ConstraintSystem<F>>(
        cs: &mut CS,
        suite: Suite,
        iv: &[Byte],
        block: Option<&Block>,
    ) -> Result<Self, SynthesisError> {
        let sequence = bits(cs, "sequence", 16, block.map(|b| b.place.sequence.into()))?;
        let counter = bits(cs, "counter", 16, block.map(|b| b.place.counter.into()))?;
        let nonce = nonce(&mut cs.namespace(|| "nonce"), iv, &sequence)?;
        let row = |r: usize| {
            let row = match block {
                Some(block) => Some(block.rows.get(r).ok_or(SynthesisError::Unsatisfiable)?),
                None => None,
            };
            CircuitRow::alloc(&mut cs.namespace(|| format!("row {r}")), row)
        };
        let rows = (0..rows_per_block(suite)).map(row).collect::<Result<_, _>>()?;
        Ok(Self { sequence, counter, nonce, rows })
    }

    /// The counter in four bytes.
    fn counter(&self, big_endian: bool) -> Vec<Byte> {
        let low =
            |from: usize| Byte { bits: std::array::from_fn(|i| self.counter.get(from + i).cloned().unwrap_or(Boolean::Constant(false))) };
        let mut bytes = vec![low(0), low(8), Byte::constant(0), Byte::constant(0)];
        if big_endian {
            bytes.reverse();
        }
        bytes
    }

    /// As [`Layout::elements`] packs them.
    fn tie<F: PrimeField>(&self, ties: &mut Ties<F>) {
        let mut pack = Pack::default();
        pack.bits(&self.sequence);
        pack.bits(&self.counter);
        for row in &self.rows {
            row.pack(&mut pack);
            std::mem::take(&mut pack).tie(ties);
        }
    }
}

struct CircuitRow {
    ciphertext: Vec<Byte>,
    base: Vec<Boolean>,
    fill: Vec<Boolean>,
    text: Vec<Boolean>,
}

impl CircuitRow {
    fn alloc<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, row: Option<&Row>) -> Result<Self, SynthesisError> {
        let byte = |j: usize, cs: &mut CS| {
            Byte::alloc(&mut cs.namespace(|| format!("ciphertext {j}")), row.and_then(|r| r.ciphertext.get(j).copied()))
        };
        Ok(Self {
            ciphertext: (0..ROW).map(|j| byte(j, cs)).collect::<Result<_, _>>()?,
            base: bits(cs, "base", 16, row.map(|r| r.base.into()))?,
            fill: bits(cs, "fill", 16, row.map(|r| r.fill.into()))?,
            text: bits(cs, "text", 16, row.map(|r| r.text.into()))?,
        })
    }

    fn pack(&self, pack: &mut Pack) {
        self.ciphertext.iter().for_each(|byte| pack.bits(&byte.bits));
        pack.bits(&self.base);
        pack.bits(&self.fill);
        pack.bits(&self.text);
    }

    /// Byte j of the plaintext goes to `fill + j`, or where it is text to `base + j`.
    fn write<F: PrimeField, CS: ConstraintSystem<F>>(
        &self,
        cs: &mut CS,
        plain: &[Byte],
        table: Table,
        found: &mut [Option<u8>],
        lookups: &mut Lookups<F>,
    ) -> Result<(), SynthesisError> {
        // As numbers of their own: sixteen constraints have them instead of all their bits.
        let mut whole = |name, bits: &[Boolean]| {
            let bits = Sum::<F>::bits(bits);
            let number = sum::number(cs, name, bits.value)?;
            equal(cs, &format!("{name} is its bits"), &number, &bits);
            Ok::<_, SynthesisError>(number)
        };
        let (base, fill) = (whole("base", &self.base)?, whole("fill", &self.fill)?);
        for (j, (byte, text)) in plain.iter().zip(&self.text).enumerate() {
            let start = text.get_value().and_then(|text| if text { base.value } else { fill.value });
            let start = sum::number(cs, &format!("start {j}"), start)?;
            // start = fill + text * (base - fill)
            cs.enforce(
                || format!("start {j} is base for text, fill for what is not"),
                |_| text.lc(one(), F::ONE),
                |_| base.clone().minus(&fill).lc,
                |_| start.clone().minus(&fill).lc,
            );
            let place = start.plus_constant(j as u64);
            if let Some(found) = place.low().and_then(|place| found.get_mut(usize::try_from(place).ok()?)) {
                *found = byte.value();
            }
            let Sum { lc, value } = place.times(256).plus(&Sum::byte(byte));
            lookups.row(table, lc, value);
        }
        Ok(())
    }
}

/// RFC 8446, 5.3: the sequence number, big-endian, is added to the end of the IV.
fn nonce<F: PrimeField, CS: ConstraintSystem<F>>(cs: &mut CS, iv: &[Byte], sequence: &[Boolean]) -> Result<Vec<Byte>, SynthesisError> {
    let mut nonce = iv.to_vec();
    let mut bit = sequence.iter().enumerate();
    for byte in nonce.iter_mut().rev().take(2) {
        for place in &mut byte.bits {
            let (i, bit) = bit.next().ok_or(SynthesisError::Unsatisfiable)?;
            *place = Boolean::xor(cs.namespace(|| format!("bit {i}")), place, bit)?;
        }
    }
    Ok(nonce)
}
