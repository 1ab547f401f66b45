//! The secrets themselves: text that was typed or will be shown, and private keys.

use alloy_primitives::{Address, keccak256};
use k256::Scalar;
use k256::ecdsa::{SigningKey, VerifyingKey};
use k256::elliptic_curve::PrimeField;
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, Zeroizing};

use super::LockedBuffer;
use crate::SignerError;

/// UTF-8 text in locked memory: a phrase to be shown, a key in hex. Never printed, serialized or cloned.
pub struct SecretText(LockedBuffer);

impl SecretText {
    /// Takes the text over and wipes the string that it came in.
    #[must_use]
    pub fn new(mut text: String) -> Self {
        let buffer = LockedBuffer::copy_of(text.as_bytes());
        text.zeroize();
        Self(buffer)
    }

    /// The text, for the approver's screen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // It was UTF-8 when it came in, and nothing writes to it.
        std::str::from_utf8(self.0.as_slice()).unwrap_or_default()
    }

    /// True where the memory is locked against swapping.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.0.is_locked()
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// A password as it was typed, at most [`Password::LIMIT`] bytes of UTF-8.
///
/// ```compile_fail
/// // A password can't be serialized.
/// let password = parlance_signer_core::keys::Password::new("correct horse".into()).unwrap();
/// serde_json::to_string(&password).unwrap();
/// ```
pub struct Password(SecretText);

impl Password {
    /// Longest password, in bytes.
    pub const LIMIT: usize = 1024;

    /// Takes the text over and wipes the string that it came in.
    ///
    /// # Errors
    /// [`SignerError::SecretTooLong`].
    pub fn new(mut text: String) -> Result<Self, SignerError> {
        if text.len() > Self::LIMIT {
            let got = text.len();
            text.zeroize();
            return Err(SignerError::SecretTooLong { what: "password", got, limit: Self::LIMIT });
        }
        Ok(Self(SecretText::new(text)))
    }

    /// Length in characters after normalization, for length rules.
    #[must_use]
    pub fn chars(&self) -> usize {
        self.normalized().chars().count()
    }

    /// As typed.
    pub(crate) fn as_typed(&self) -> &str {
        self.0.as_str()
    }

    /// NFKC, so that the same password typed on another keyboard gives the same bytes.
    pub(crate) fn normalized(&self) -> Zeroizing<String> {
        // Room for the worst case: growing would leave unwiped copies behind.
        let mut text = Zeroizing::new(String::with_capacity(self.as_typed().len() * 18));
        text.extend(self.as_typed().nfkc());
        text
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Where a key may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Realm {
    /// An owner's key.
    Real,
    /// A key of a demo wallet, whose password is shown on screen: local chains only.
    Play,
}

impl Realm {
    /// EIP-155 ids of local development chains (anvil and hardhat; ganache).
    pub const PLAY_CHAINS: [u64; 2] = [31_337, 1_337];

    /// Whether a signature that is valid on `chain` may be made.
    #[must_use]
    pub fn allows(self, chain: u64) -> bool {
        self == Self::Real || Self::PLAY_CHAINS.contains(&chain)
    }
}

/// A secp256k1 private key, with the address that follows from it.
///
/// It has no method that signs a hash: see [`crate::sign`].
///
/// ```compile_fail
/// // Not printable as text, not serializable.
/// let key = parlance_signer_core::keys::PrivateKey::from_hex("0x01").unwrap();
/// println!("{key}");
/// ```
pub struct PrivateKey {
    bytes: LockedBuffer,
    public: VerifyingKey,
    address: Address,
    realm: Realm,
}

impl PrivateKey {
    /// From 32 big-endian bytes; the caller wipes them.
    ///
    /// # Errors
    /// [`SignerError::PrivateKey`] unless the number is in `1..n` (SEC 1).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignerError> {
        if bytes.len() != 32 {
            return Err(SignerError::PrivateKey { reason: "expected 32 bytes" });
        }
        let key =
            SigningKey::from_slice(bytes).map_err(|_| SignerError::PrivateKey { reason: "zero, or not below the order of secp256k1" })?;
        let public = *key.verifying_key();
        Ok(Self { bytes: LockedBuffer::copy_of(bytes), public, address: address_of(&public), realm: Realm::Real })
    }

    /// From 64 hexadecimal digits, with or without `0x`; surrounding blanks are ignored.
    ///
    /// # Errors
    /// [`SignerError::PrivateKey`].
    pub fn from_hex(text: &str) -> Result<Self, SignerError> {
        let text = text.trim();
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        let mut bytes = Zeroizing::new([0u8; 32]);
        hex::decode_to_slice(digits, bytes.as_mut_slice())
            .map_err(|_| SignerError::PrivateKey { reason: "expected 64 hexadecimal digits" })?;
        Self::from_bytes(bytes.as_slice())
    }

    /// The same key, confined to `realm`.
    #[must_use]
    pub(crate) fn in_realm(mut self, realm: Realm) -> Self {
        self.realm = realm;
        self
    }

    /// Where it may be used.
    #[must_use]
    pub fn realm(&self) -> Realm {
        self.realm
    }

    /// The account's address: the last 20 bytes of keccak256 of the public key.
    #[must_use]
    pub fn address(&self) -> Address {
        self.address
    }

    /// True where the memory is locked against swapping.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.bytes.is_locked()
    }

    /// The 32 bytes, for sealing and export.
    pub(crate) fn expose(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// `0x` and 64 digits, for export.
    pub(crate) fn to_hex(&self) -> SecretText {
        let mut text = Zeroizing::new([0u8; 64]);
        // The lengths match by construction; a mismatch would leave zero bytes, never part of a key.
        if hex::encode_to_slice(self.expose(), text.as_mut_slice()).is_err() {
            text.zeroize();
        }
        let mut prefixed = String::with_capacity(66);
        prefixed.push_str("0x");
        prefixed.push_str(std::str::from_utf8(text.as_slice()).unwrap_or_default());
        SecretText::new(prefixed)
    }

    /// The public key, as it was computed when the key came in.
    pub(crate) fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The secret number for `k256`.
    pub(crate) fn scalar(&self) -> Result<Zeroizing<Scalar>, SignerError> {
        let invalid = || SignerError::PrivateKey { reason: "the key in memory is not valid any more" };
        let mut bytes: [u8; 32] = self.expose().try_into().map_err(|_| invalid())?;
        let scalar = Option::<Scalar>::from(Scalar::from_repr(bytes.into()));
        bytes.zeroize();
        scalar.filter(|scalar| !bool::from(scalar.is_zero())).map(Zeroizing::new).ok_or_else(invalid)
    }
}

impl PartialEq for PrivateKey {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl Eq for PrivateKey {}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey({}, ..)", self.address)
    }
}

/// The last 20 bytes of keccak256 of a public key.
pub(crate) fn address_of(key: &VerifyingKey) -> Address {
    let point = key.to_encoded_point(false);
    // Without the 0x04 that marks an uncompressed point.
    let hash = keccak256(point.as_bytes().get(1..).unwrap_or_default());
    Address::from_slice(&hash[12..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_outside_of_the_group_are_refused() {
        let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        for bad in ["", "0x", "zz", &"0".repeat(64), order, &"f".repeat(64), &"1".repeat(63), &"1".repeat(65)] {
            assert!(PrivateKey::from_hex(bad).is_err(), "{bad}");
        }
        let highest = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
        assert!(PrivateKey::from_hex(highest).is_ok());
    }

    #[test]
    fn nothing_is_printed() {
        let password = Password::new("hunter2".into()).unwrap();
        assert_eq!(format!("{password:?}"), "Password(..)");
        let key = PrivateKey::from_hex(&"1".repeat(64)).unwrap();
        assert!(!format!("{key:?}").contains("1111"));
        assert_eq!(format!("{:?}", key.to_hex()), "SecretText(..)");
        assert_eq!(key.to_hex().as_str(), format!("0x{}", "1".repeat(64)));
    }

    #[test]
    fn passwords_are_compatible_across_keyboards() {
        let composed = Password::new("caf\u{e9}".into()).unwrap();
        let decomposed = Password::new("cafe\u{301}".into()).unwrap();
        assert_eq!(*composed.normalized(), *decomposed.normalized());
        assert_eq!(composed.chars(), 4);
    }

    #[test]
    fn normalization_never_grows_the_reserved_string() {
        // U+FDFA is the character that NFKC makes longest: 3 bytes become 33 (18 characters).
        let longest = Password::new("\u{fdfa}".repeat(300)).unwrap();
        let reserved = longest.as_typed().len() * 18;
        assert!(longest.normalized().len() <= reserved);
    }
}
