//! What is inside of a vault: phrases, keys, accounts.
//!
//! ```text
//! version u8 · accounts (length u32, JSON)
//! · phrases u32 × { entropy (length u32, bytes) · passphrase (length u32, UTF-8; empty for none) }
//! · imported keys u32 × 32 bytes
//! ```

use std::collections::BTreeMap;

use alloy_primitives::Address;
use zeroize::Zeroize;

use super::format::Reader;
use crate::SignerError;
use crate::keys::{Account, AccountSource, LockedBuffer, Password, Phrase, PrivateKey, Realm, Root};

const VERSION: u8 = 1;

/// A phrase with its optional BIP-39 passphrase.
pub(crate) struct StoredPhrase {
    pub(crate) phrase: Phrase,
    pub(crate) passphrase: Option<Password>,
}

/// Everything that a vault holds, in the open.
pub(crate) struct Contents {
    pub(crate) phrases: Vec<StoredPhrase>,
    pub(crate) accounts: Vec<Account>,
    /// Keys of all accounts that have one: derived and imported.
    pub(crate) keys: BTreeMap<Address, PrivateKey>,
    pub(crate) realm: Realm,
}

impl Contents {
    pub(crate) fn empty(realm: Realm) -> Self {
        Self { phrases: Vec::new(), accounts: Vec::new(), keys: BTreeMap::new(), realm }
    }

    pub(crate) fn account(&self, address: Address) -> Option<&Account> {
        self.accounts.iter().find(|account| account.address == address)
    }

    /// Adds an account with its key, or without one where it is watch-only.
    pub(crate) fn add(&mut self, account: Account, key: Option<PrivateKey>) -> Result<(), SignerError> {
        if self.account(account.address).is_some() {
            return Err(SignerError::AccountExists { address: account.address.to_checksum(None) });
        }
        if let Some(key) = key {
            self.keys.insert(account.address, key.in_realm(self.realm));
        }
        self.accounts.push(account);
        Ok(())
    }

    /// True where every secret's memory is locked against swapping.
    pub(crate) fn all_locked(&self) -> bool {
        self.keys.values().all(PrivateKey::is_locked) && self.phrases.iter().all(|stored| stored.phrase.is_locked())
    }

    pub(crate) fn accounts_json(accounts: &[Account]) -> Result<Vec<u8>, SignerError> {
        serde_json::to_vec(accounts).map_err(|error| SignerError::Damaged { what: "vault", reason: format!("accounts: {error}") })
    }

    pub(crate) fn accounts_from_json(json: &[u8]) -> Result<Vec<Account>, SignerError> {
        serde_json::from_slice(json).map_err(|error| SignerError::Damaged { what: "vault", reason: format!("accounts: {error}") })
    }

    pub(crate) fn encode(&self) -> Result<LockedBuffer, SignerError> {
        let accounts = Self::accounts_json(&self.accounts)?;
        let imported: Vec<&PrivateKey> = self
            .accounts
            .iter()
            .filter(|account| account.source == AccountSource::Imported)
            .filter_map(|account| self.keys.get(&account.address))
            .collect();
        let mut writer = Writer::new(
            64 + accounts.len()
                + self.phrases.iter().map(|s| 8 + s.phrase.entropy().len() + passphrase_bytes(s).len()).sum::<usize>()
                + imported.len() * 32,
        );
        writer.put(&[VERSION])?;
        writer.field(&accounts)?;
        writer.count(self.phrases.len())?;
        for stored in &self.phrases {
            writer.field(stored.phrase.entropy())?;
            writer.field(passphrase_bytes(stored))?;
        }
        writer.count(imported.len())?;
        for key in imported {
            writer.put(key.expose())?;
        }
        Ok(writer.finish())
    }

    /// Reads what [`Self::encode`] wrote, and derives all keys. Checks that each account's key gives its address.
    pub(crate) fn decode(bytes: &[u8], realm: Realm) -> Result<Self, SignerError> {
        let mut reader = Reader::new(bytes, "vault");
        let version = reader.u8()?;
        if version != VERSION {
            return Err(SignerError::NewerFormat { what: "vault content", got: version.into(), expected: VERSION.into() });
        }
        let accounts = Self::accounts_from_json(reader.field()?)?;
        let mut contents = Self::empty(realm);
        for _ in 0..reader.u32()? {
            let phrase = Phrase::from_entropy(reader.field()?)?;
            let passphrase = match reader.field()? {
                [] => None,
                bytes => Some(passphrase_of(bytes)?),
            };
            contents.phrases.push(StoredPhrase { phrase, passphrase });
        }
        let mut imported = BTreeMap::new();
        for _ in 0..reader.u32()? {
            let key = PrivateKey::from_bytes(reader.take(32)?)?;
            imported.insert(key.address(), key);
        }
        reader.finish()?;

        let roots =
            contents.phrases.iter().map(|stored| Root::of(&stored.phrase, stored.passphrase.as_ref())).collect::<Result<Vec<_>, _>>()?;
        for account in accounts {
            let key = match account.source {
                AccountSource::WatchOnly => None,
                AccountSource::Imported => {
                    Some(imported.remove(&account.address).ok_or_else(|| damaged(format!("the key of {} is missing", account.address)))?)
                }
                AccountSource::Derived { phrase, path } => {
                    let root = usize::try_from(phrase)
                        .ok()
                        .and_then(|index| roots.get(index))
                        .ok_or_else(|| damaged(format!("the phrase of {} is missing", account.address)))?;
                    Some(root.key(path)?)
                }
            };
            if let Some(key) = &key
                && key.address() != account.address
            {
                return Err(damaged(format!("the key of {} gives {}", account.address, key.address())));
            }
            contents.add(account, key)?;
        }
        Ok(contents)
    }
}

fn damaged(reason: String) -> SignerError {
    SignerError::Damaged { what: "vault", reason }
}

fn passphrase_bytes(stored: &StoredPhrase) -> &[u8] {
    stored.passphrase.as_ref().map(|p| p.as_typed().as_bytes()).unwrap_or_default()
}

fn passphrase_of(bytes: &[u8]) -> Result<Password, SignerError> {
    let mut text = bytes.to_vec();
    match String::from_utf8(std::mem::take(&mut text)) {
        Ok(text) => Password::new(text),
        Err(error) => {
            error.into_bytes().zeroize();
            Err(damaged("a passphrase is not UTF-8".into()))
        }
    }
}

/// Writes into locked memory that was reserved once: nothing grows, so no copies stay behind.
struct Writer {
    buffer: LockedBuffer,
    at: usize,
}

impl Writer {
    fn new(capacity: usize) -> Self {
        Self { buffer: LockedBuffer::zeroed(capacity), at: 0 }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), SignerError> {
        let end = self.at + bytes.len();
        self.buffer.as_mut_slice().get_mut(self.at..end).ok_or_else(|| damaged("reserved too little".into()))?.copy_from_slice(bytes);
        self.at = end;
        Ok(())
    }

    fn count(&mut self, number: usize) -> Result<(), SignerError> {
        let number = u32::try_from(number).map_err(|_| damaged("too many entries".into()))?;
        self.put(&number.to_le_bytes())
    }

    fn field(&mut self, bytes: &[u8]) -> Result<(), SignerError> {
        self.count(bytes.len())?;
        self.put(bytes)
    }

    fn finish(mut self) -> LockedBuffer {
        self.buffer.truncate(self.at);
        self.buffer
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::keys::{AccountPath, Label, Purpose};

    fn sample() -> Contents {
        let mut contents = Contents::empty(Realm::Real);
        let phrase = Phrase::from_entropy(&[0; 16]).unwrap();
        let passphrase = Some(Password::new("TREZOR".into()).unwrap());
        let root = Root::of(&phrase, passphrase.as_ref()).unwrap();
        contents.phrases.push(StoredPhrase { phrase, passphrase });
        let path = AccountPath::everyday(3).unwrap();
        for (label, key, source) in [
            ("derived", Some(root.key(path).unwrap()), AccountSource::Derived { phrase: 0, path }),
            ("imported", Some(PrivateKey::from_bytes(&[5; 32]).unwrap()), AccountSource::Imported),
            ("watched", None, AccountSource::WatchOnly),
        ] {
            let address = key.as_ref().map_or(Address::repeat_byte(9), PrivateKey::address);
            let account = Account { address, label: Label::new(label).unwrap(), purpose: Purpose::Everyday, source };
            contents.add(account, key).unwrap();
        }
        contents
    }

    #[test]
    fn contents_come_back_as_written() {
        let contents = sample();
        let back = Contents::decode(contents.encode().unwrap().as_slice(), Realm::Real).unwrap();
        assert_eq!(back.accounts, contents.accounts);
        assert_eq!(back.keys, contents.keys);
        assert_eq!(back.phrases[0].phrase, contents.phrases[0].phrase);
        assert_eq!(back.phrases[0].passphrase.as_ref().unwrap().as_typed(), "TREZOR");
        assert_eq!(back.encode().unwrap().as_slice(), contents.encode().unwrap().as_slice());
    }

    #[test]
    fn an_account_whose_key_gives_another_address_is_refused() {
        let mut contents = sample();
        contents.accounts[0].source = AccountSource::Derived { phrase: 0, path: AccountPath::everyday(4).unwrap() };
        let error = Contents::decode(contents.encode().unwrap().as_slice(), Realm::Real).err().unwrap();
        assert!(matches!(error, SignerError::Damaged { .. }), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_parser_takes_anything(
            cut in 0usize..1000,
            flips in proptest::collection::vec((0usize..1000, any::<u8>()), 0..4),
        ) {
            let mut bytes = sample().encode().unwrap().as_slice().to_vec();
            for (at, with) in flips {
                let at = at % bytes.len();
                bytes[at] ^= with;
            }
            bytes.truncate(cut.max(1));
            // No panic; and what is accepted is written back byte for byte, JSON spelling aside.
            if let Ok(contents) = Contents::decode(&bytes, Realm::Real) {
                prop_assert!(contents.encode().is_ok());
            }
        }
    }
}
