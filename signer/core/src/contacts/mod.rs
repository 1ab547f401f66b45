//! Names and addresses that deceive.

mod names;

pub use names::{check_name, mixed_scripts, quote, visible};

use alloy_primitives::Address;

/// Seconds for which a new contact is not paid without a click: 24 hours.
pub const COOL_DOWN: u64 = 86_400;
/// Hex digits at each end that a person compares.
const SEEN_DIGITS: usize = 4;

/// The first of `known` that looks like `address` without being it: same first and last four hex digits, which is what
/// a person compares and what address poisoning forges.
pub fn look_alike<'a, T>(address: Address, known: impl IntoIterator<Item = (Address, T)> + 'a) -> Option<(Address, T)> {
    known.into_iter().find(|(other, _)| *other != address && ends(*other) == ends(address))
}

fn ends(address: Address) -> [u8; SEEN_DIGITS] {
    let b = address.as_slice();
    [b[0], b[1], b[18], b[19]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::address;

    #[test]
    fn same_ends_are_look_alikes_and_the_same_address_is_not() {
        let alice = address!("0x1234000000000000000000000000000000005678");
        let forged = address!("0x1234ffffffffffffffffffffffffffffffff5678");
        let other = address!("0x1234ffffffffffffffffffffffffffffffff5679");
        let known = || [(alice, "Alice")];
        assert_eq!(look_alike(forged, known()), Some((alice, "Alice")));
        assert_eq!(look_alike(alice, known()), None);
        assert_eq!(look_alike(other, known()), None);
    }
}
