//! Web3 Secret Storage version 3: the JSON files of geth, ethers, MetaMask and others.

use aes::cipher::{KeyIvInit, StreamCipher};
use alloy_primitives::{Address, keccak256};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{LockedBuffer, Password, PrivateKey, romix};
use crate::SignerError;
use crate::vault::random;

type Aes128Ctr = ctr::Ctr128BE<aes::Aes128>;

/// Longest file that is read, in bytes.
pub const LIMIT: usize = 64 * 1024;
/// Most memory that a file may make scrypt use, in bytes: 512 MiB. The common ones need 128 or 256.
const SCRYPT_MEMORY: u64 = 512 * 1024 * 1024;
/// Most PBKDF2 rounds that a file may ask for.
const PBKDF2_ROUNDS: u32 = 10_000_000;

/// How expensive a new file is to guess at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScryptCost {
    log_n: u8,
}

impl ScryptCost {
    /// n = 2^18, r = 8, p = 1 (256 MiB), as geth writes.
    pub const STANDARD: Self = Self { log_n: 18 };

    /// n = 2, for tests.
    #[cfg(any(test, feature = "test-params"))]
    #[must_use]
    pub fn cheap_for_tests() -> Self {
        Self { log_n: 1 }
    }
}

#[derive(Debug, Deserialize)]
struct Keystore {
    version: u32,
    #[serde(alias = "Crypto")]
    crypto: Crypto,
    address: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParams,
    ciphertext: String,
    #[serde(flatten)]
    kdf: Kdf,
    mac: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct CipherParams {
    iv: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kdf", content = "kdfparams", rename_all = "lowercase")]
enum Kdf {
    Scrypt { n: u64, r: u32, p: u32, dklen: usize, salt: String },
    Pbkdf2 { c: u32, prf: String, dklen: usize, salt: String },
}

/// Opens a keystore file.
///
/// The password is tried as typed, and then, where that is another byte string, in Unicode form NFKC, as ethers uses it.
///
/// # Errors
/// [`SignerError::Keystore`] where the file is not a version 3 keystore, asks for too much work or names another
/// address than its key has; [`SignerError::WrongPassword`]; [`SignerError::PrivateKey`].
pub fn decrypt(json: &str, password: &Password) -> Result<PrivateKey, SignerError> {
    if json.len() > LIMIT {
        return Err(keystore(format!("it has {} bytes; expected at most {LIMIT}", json.len())));
    }
    let file = parse(json)?;
    let typed = password.as_typed();
    let normalized = password.normalized();
    let key = match decrypt_with(&file.crypto, typed.as_bytes()) {
        Err(SignerError::WrongPassword { .. }) if typed != normalized.as_str() => decrypt_with(&file.crypto, normalized.as_bytes())?,
        other => other?,
    };
    check_address(file.address.as_deref(), key.address())?;
    Ok(key)
}

/// Makes a keystore file: scrypt, AES-128-CTR, a random salt, IV and id.
///
/// # Errors
/// [`SignerError::NoRandomness`], [`SignerError::Keystore`].
pub fn encrypt(key: &PrivateKey, password: &Password, cost: ScryptCost) -> Result<String, SignerError> {
    #[derive(Serialize)]
    struct File<'a> {
        version: u32,
        id: String,
        address: String,
        crypto: &'a Crypto,
    }

    let salt: [u8; 32] = random::array()?;
    let iv: [u8; 16] = random::array()?;
    let n = 1u64 << cost.log_n;
    let derived = scrypt_key(password.as_typed().as_bytes(), &salt, n, 8, 1, 32)?;
    let mut ciphertext = LockedBuffer::copy_of(key.expose());
    apply_cipher(derived.as_slice(), &iv, ciphertext.as_mut_slice())?;
    let crypto = Crypto {
        cipher: "aes-128-ctr".into(),
        cipherparams: CipherParams { iv: hex::encode(iv) },
        ciphertext: hex::encode(ciphertext.as_slice()),
        mac: hex::encode(mac(derived.as_slice(), ciphertext.as_slice())?),
        kdf: Kdf::Scrypt { n, r: 8, p: 1, dklen: 32, salt: hex::encode(salt) },
    };
    let file = File { version: 3, id: uuid_v4()?, address: hex::encode(key.address()), crypto: &crypto };
    serde_json::to_string(&file).map_err(|error| keystore(error.to_string()))
}

fn parse(json: &str) -> Result<Keystore, SignerError> {
    // The version first: an older file shall be called that, not "missing field".
    #[derive(Deserialize)]
    struct Version {
        version: Option<serde_json::Value>,
    }
    let malformed = |error: serde_json::Error| keystore(format!("line {}: {}", error.line(), category(&error)));
    let found: Version = serde_json::from_str(json).map_err(malformed)?;
    match found.version {
        Some(version) if version == 3 => {}
        Some(version) if version.is_number() => {
            return Err(keystore(format!("version {version}; expected 3")));
        }
        _ => return Err(keystore("it names no version".into())),
    }
    let file: Keystore = serde_json::from_str(json).map_err(|error| keystore(error.to_string()))?;
    debug_assert_eq!(file.version, 3);
    Ok(file)
}

fn category(error: &serde_json::Error) -> &'static str {
    if error.is_data() { "not the fields of a keystore" } else { "not JSON" }
}

fn decrypt_with(crypto: &Crypto, password: &[u8]) -> Result<PrivateKey, SignerError> {
    if crypto.cipher != "aes-128-ctr" {
        return Err(keystore("the cipher is not aes-128-ctr".into()));
    }
    let iv = field("iv", &crypto.cipherparams.iv, 1..=16)?;
    let ciphertext = field("ciphertext", &crypto.ciphertext, 1..=32)?;
    let expected = field("mac", &crypto.mac, 32..=32)?;
    let derived = match &crypto.kdf {
        Kdf::Scrypt { n, r, p, dklen, salt } => scrypt_key(password, &field("salt", salt, 0..=1024)?, *n, *r, *p, *dklen)?,
        Kdf::Pbkdf2 { c, prf, dklen, salt } => {
            if prf != "hmac-sha256" {
                return Err(keystore("the PBKDF2 function is not hmac-sha256".into()));
            }
            pbkdf2_key(password, &field("salt", salt, 0..=1024)?, *c, *dklen)?
        }
    };
    if !bool::from(mac(derived.as_slice(), &ciphertext)?.ct_eq(expected.as_slice())) {
        return Err(SignerError::WrongPassword { what: "keystore" });
    }
    // Old writers left leading zero bytes of the key out.
    let mut key = LockedBuffer::zeroed(32);
    let plain = key.as_mut_slice().split_at_mut(32 - ciphertext.len()).1;
    plain.copy_from_slice(&ciphertext);
    // And of the IV: it is a big-endian counter.
    let mut counter = [0u8; 16];
    counter[16 - iv.len()..].copy_from_slice(&iv);
    apply_cipher(derived.as_slice(), &counter, plain)?;
    PrivateKey::from_bytes(key.as_slice())
}

fn scrypt_key(password: &[u8], salt: &[u8], n: u64, r: u32, p: u32, dklen: usize) -> Result<LockedBuffer, SignerError> {
    check_dklen(dklen)?;
    let memory = u64::from(r).saturating_mul(128).saturating_mul(n.saturating_add(u64::from(p)));
    if n < 2 || !n.is_power_of_two() || r == 0 || p == 0 || p > 64 || memory > SCRYPT_MEMORY {
        return Err(keystore(format!("scrypt parameters n={n}, r={r}, p={p} are not valid or need more than {} MiB", SCRYPT_MEMORY >> 20)));
    }
    let log_n = u8::try_from(n.trailing_zeros()).unwrap_or(u8::MAX);
    let mut derived = LockedBuffer::zeroed(dklen);
    if u32::from(log_n) >= r.saturating_mul(16) {
        romix::scrypt(password, salt, n, r, p, derived.as_mut_slice())?;
        return Ok(derived);
    }
    // The crate's own `len` parameter is for password hash strings and does not take part in the derivation.
    let params = scrypt::Params::new(log_n, r, p, 32).map_err(|error| keystore(error.to_string()))?;
    scrypt::scrypt(password, salt, &params, derived.as_mut_slice()).map_err(|error| keystore(error.to_string()))?;
    Ok(derived)
}

fn pbkdf2_key(password: &[u8], salt: &[u8], rounds: u32, dklen: usize) -> Result<LockedBuffer, SignerError> {
    check_dklen(dklen)?;
    if rounds == 0 || rounds > PBKDF2_ROUNDS {
        return Err(keystore(format!("{rounds} PBKDF2 rounds; expected 1 to {PBKDF2_ROUNDS}")));
    }
    let mut derived = LockedBuffer::zeroed(dklen);
    pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, rounds, derived.as_mut_slice());
    Ok(derived)
}

fn check_dklen(dklen: usize) -> Result<(), SignerError> {
    if (32..=64).contains(&dklen) { Ok(()) } else { Err(keystore(format!("dklen is {dklen}; expected 32 to 64"))) }
}

/// keccak256 of bytes 16 to 32 of the derived key and the ciphertext.
fn mac(derived: &[u8], ciphertext: &[u8]) -> Result<[u8; 32], SignerError> {
    let half = derived.get(16..32).ok_or_else(|| keystore("the derived key is too short".into()))?;
    let mut input = Zeroizing::new(Vec::with_capacity(half.len() + ciphertext.len()));
    input.extend_from_slice(half);
    input.extend_from_slice(ciphertext);
    Ok(keccak256(input.as_slice()).0)
}

fn apply_cipher(derived: &[u8], iv: &[u8; 16], bytes: &mut [u8]) -> Result<(), SignerError> {
    let key = derived.get(..16).ok_or_else(|| keystore("the derived key is too short".into()))?;
    let mut cipher = Aes128Ctr::new_from_slices(key, iv).map_err(|error| keystore(error.to_string()))?;
    cipher.apply_keystream(bytes);
    Ok(())
}

fn check_address(stated: Option<&str>, got: Address) -> Result<(), SignerError> {
    let Some(stated) = stated.map(|text| text.trim_start_matches("0x")).filter(|text| !text.is_empty()) else {
        return Ok(());
    };
    // ethers version 4 and parity write it without 0x; letters of either case are common.
    if stated.eq_ignore_ascii_case(&hex::encode(got)) {
        return Ok(());
    }
    Err(keystore(format!("it names another address than its key has ({got})")))
}

fn field(name: &str, text: &str, length: std::ops::RangeInclusive<usize>) -> Result<Vec<u8>, SignerError> {
    let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text)).map_err(|_| keystore(format!("{name} is not hexadecimal")))?;
    if !length.contains(&bytes.len()) {
        return Err(keystore(format!("{name} has {} bytes; expected {} to {}", bytes.len(), length.start(), length.end())));
    }
    Ok(bytes)
}

/// RFC 9562, version 4.
fn uuid_v4() -> Result<String, SignerError> {
    let mut bytes: [u8; 16] = random::array()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex::encode(bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range).unwrap_or_default());
    Ok(parts.join("-"))
}

fn keystore(reason: String) -> SignerError {
    SignerError::Keystore { reason }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.into()).unwrap()
    }

    #[test]
    fn what_is_written_can_be_read_with_the_right_password_only() {
        let key = PrivateKey::from_hex(&"4c".repeat(32)).unwrap();
        let json = encrypt(&key, &password("pässword"), ScryptCost::cheap_for_tests()).unwrap();
        assert_eq!(decrypt(&json, &password("pässword")).unwrap(), key);
        assert!(matches!(decrypt(&json, &password("passwort")), Err(SignerError::WrongPassword { .. })));
        assert!(!json.contains(&"4c".repeat(32)));
        let other = json.replace(&hex::encode(key.address()), &"ab".repeat(20));
        assert!(matches!(decrypt(&other, &password("pässword")), Err(SignerError::Keystore { .. })));
    }

    #[test]
    fn files_that_ask_for_too_much_work_are_refused_before_it() {
        let key = PrivateKey::from_hex(&"4c".repeat(32)).unwrap();
        let json = encrypt(&key, &password("p"), ScryptCost::cheap_for_tests()).unwrap();
        for (from, to) in [
            ("\"n\":2", "\"n\":1073741824"),
            ("\"n\":2", "\"n\":3"),
            ("\"r\":8", "\"r\":4294967295"),
            ("\"p\":1", "\"p\":4294967295"),
            ("\"dklen\":32", "\"dklen\":16"),
            ("\"dklen\":32", "\"dklen\":99999999"),
            ("aes-128-ctr", "aes-128-cbc"),
            ("\"version\":3", "\"version\":4"),
        ] {
            assert!(json.contains(from), "{from}");
            let error = decrypt(&json.replacen(from, to, 1), &password("p")).unwrap_err();
            assert!(matches!(error, SignerError::Keystore { .. }), "{to}: {error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_parser_takes_anything(text in ".{0,300}", cut in 0usize..600) {
            prop_assert!(decrypt(&text, &password("p")).is_err());
            let key = PrivateKey::from_hex(&"4c".repeat(32)).unwrap();
            let json = encrypt(&key, &password("p"), ScryptCost::cheap_for_tests()).unwrap();
            prop_assume!(cut < json.len());
            prop_assert!(decrypt(&json[..cut], &password("p")).is_err());
        }
    }
}
