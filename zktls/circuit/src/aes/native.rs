//! AES's tables, and bytes in spread form: bit i of a byte is bit 4i of a number, so that numbers add without carrying from one
//! bit to the next.

/// The reduction polynomial x⁸ + x⁴ + x³ + x + 1 without its first term.
pub(super) const POLYNOMIAL: u8 = 0x1b;

/// What the key schedule adds in each round.
pub(super) const ROUND_CONSTANTS: [u8; 10] = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36];

/// The S-box (FIPS-197, 5.1.1).
pub(super) const SBOX: [u8; 256] = sbox();

/// Where [`SBOX`]'s output stands in a row: above δ = x' - x of every byte of a column, times what MixColumns makes of them
/// (at most 35 · 255 = 8,925).
pub(super) const OUTPUT: u64 = 1 << 16;

/// Every bit of a byte at 16^i.
pub(super) const fn spread(byte: u8) -> u64 {
    let (mut sum, mut i) = (0, 0);
    while i < 8 {
        sum |= ((byte >> i & 1) as u64) << (4 * i);
        i += 1;
    }
    sum
}

/// The parities of the first eight digits.
pub(super) fn parities(digits: u64) -> u8 {
    (0..8).fold(0, |byte, i| byte | ((digits >> (4 * i) & 1) as u8) << i)
}

/// A row for each byte: the byte, and its substitute in spread form.
pub(super) fn sbox_rows() -> Vec<u64> {
    (0..=255u8).zip(SBOX).map(|(x, y)| u64::from(x) + OUTPUT * spread(y)).collect()
}

/// What is left of a sum of bits in each digit when its parity is taken away: even digits. Either four up to 6 and a fifth up
/// to 2 (half of a byte of MixColumns), or eight up to 2 (a byte of any sum of three).
pub(super) fn carry_rows() -> Vec<u64> {
    let half = |n: u64| (0..5).map(|i| (2 * (n >> (2 * i) & 3)) << (4 * i)).sum();
    let bytes = (0..=255u8).filter(|byte| byte >> 5 != 0).map(|byte| 2 * spread(byte)); // the others are halves already
    (0..512).map(half).chain(bytes).collect()
}

const fn sbox() -> [u8; 256] {
    let mut table = [0x63; 256];
    let (mut element, mut inverse) = (1u8, 1u8); // 3 generates the group: one is multiplied by it, the other divided
    loop {
        element ^= (element << 1) ^ ((element >> 7) * POLYNOMIAL);
        inverse ^= inverse << 1;
        inverse ^= inverse << 2;
        inverse ^= inverse << 4;
        inverse ^= (inverse >> 7) * 0x09;
        let turned = inverse.rotate_left(1) ^ inverse.rotate_left(2) ^ inverse.rotate_left(3) ^ inverse.rotate_left(4);
        table[element as usize] = inverse ^ turned ^ 0x63;
        if element == 1 {
            return table;
        }
    }
}
