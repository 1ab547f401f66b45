//! What an unlocked vault holds, and the accounts that its owner adds.

use alloy_primitives::Address;

use super::contents::StoredPhrase;
use super::seal::SealKey;
use super::{Contents, Vault};
use crate::SignerError;
use crate::keys::{Account, AccountPath, AccountSource, Label, Password, Phrase, PrivateKey, Purpose, Root};

/// The open contents, with the key that seals them again.
pub(super) struct Unlocked {
    pub(super) contents: Contents,
    pub(super) key: SealKey,
    /// Milliseconds since boot.
    pub(super) last_use_ms: u64,
}

impl Vault {
    /// Adds a phrase (with its BIP-39 passphrase, if the owner uses one) and its first account, `m/44'/60'/0'/0/0`.
    /// The account's [source](AccountSource::Derived) tells the phrase's number.
    ///
    /// # Errors
    /// [`SignerError::Locked`], [`SignerError::AccountExists`] where the phrase is there already, [`SignerError::Io`].
    pub fn add_phrase(&mut self, phrase: Phrase, passphrase: Option<Password>, label: Label) -> Result<Account, SignerError> {
        self.change(|contents| {
            let passphrase = passphrase.filter(|p| !p.as_typed().is_empty());
            let root = Root::of(&phrase, passphrase.as_ref())?;
            let number =
                u32::try_from(contents.phrases.len()).map_err(|_| SignerError::Derivation { reason: "too many phrases".into() })?;
            let path = AccountPath::everyday(0)?;
            let account = add_derived(contents, &root, number, path, label, Purpose::Everyday)?;
            contents.phrases.push(StoredPhrase { phrase, passphrase });
            Ok(account)
        })
    }

    /// Adds the next account of a phrase, `m/44'/60'/0'/0/i`.
    ///
    /// # Errors
    /// [`SignerError::Locked`], [`SignerError::UnknownAccount`] where there is no such phrase, [`SignerError::Io`].
    pub fn add_next_account(&mut self, phrase: u32, label: Label) -> Result<Account, SignerError> {
        self.change(|contents| {
            let root = root_of(contents, phrase)?;
            let mut index = 0;
            for account in &contents.accounts {
                if let AccountSource::Derived { phrase: of, path } = account.source
                    && of == phrase
                    && path.is_everyday()
                {
                    index = index.max(path.index().saturating_add(1));
                }
            }
            // An account whose key was imported before is there already: go on to the one after it.
            loop {
                let path = AccountPath::everyday(index)?;
                if contents.account(root.key(path)?.address()).is_none() {
                    return add_derived(contents, &root, phrase, path, label, Purpose::Everyday);
                }
                index = index.saturating_add(1);
            }
        })
    }

    /// Adds the account that agents spend from, [`AccountPath::AGENTS`].
    ///
    /// # Errors
    /// [`SignerError::Locked`], [`SignerError::AccountExists`], [`SignerError::UnknownAccount`], [`SignerError::Io`].
    pub fn add_agents_account(&mut self, phrase: u32, label: Label) -> Result<Account, SignerError> {
        self.change(|contents| {
            let root = root_of(contents, phrase)?;
            add_derived(contents, &root, phrase, AccountPath::AGENTS, label, Purpose::Agents)
        })
    }

    /// Adds an account from its key. No phrase restores it.
    ///
    /// # Errors
    /// [`SignerError::Locked`], [`SignerError::AccountExists`], [`SignerError::Io`].
    pub fn import_key(&mut self, key: PrivateKey, label: Label) -> Result<Account, SignerError> {
        self.change(|contents| {
            let account = Account { address: key.address(), label, purpose: Purpose::Everyday, source: AccountSource::Imported };
            contents.add(account.clone(), Some(key))?;
            Ok(account)
        })
    }

    /// Adds an account without a key.
    ///
    /// # Errors
    /// [`SignerError::Locked`], [`SignerError::AccountExists`], [`SignerError::Io`].
    pub fn watch(&mut self, address: Address, label: Label) -> Result<Account, SignerError> {
        self.change(|contents| {
            let account = Account { address, label, purpose: Purpose::Everyday, source: AccountSource::WatchOnly };
            contents.add(account.clone(), None)?;
            Ok(account)
        })
    }

    /// Changes an account's label.
    ///
    /// # Errors
    /// [`SignerError::Locked`], [`SignerError::UnknownAccount`], [`SignerError::Io`].
    pub fn rename(&mut self, address: Address, label: Label) -> Result<(), SignerError> {
        self.change(|contents| {
            contents
                .accounts
                .iter_mut()
                .find(|account| account.address == address)
                .map(|account| account.label = label)
                .ok_or_else(|| SignerError::UnknownAccount { account: address.to_checksum(None) })
        })
    }
}

fn root_of(contents: &Contents, phrase: u32) -> Result<Root, SignerError> {
    let stored = usize::try_from(phrase)
        .ok()
        .and_then(|index| contents.phrases.get(index))
        .ok_or_else(|| SignerError::UnknownAccount { account: format!("of phrase {phrase}") })?;
    Root::of(&stored.phrase, stored.passphrase.as_ref())
}

fn add_derived(
    contents: &mut Contents,
    root: &Root,
    phrase: u32,
    path: AccountPath,
    label: Label,
    purpose: Purpose,
) -> Result<Account, SignerError> {
    let key = root.key(path)?;
    let source = AccountSource::Derived { phrase, path };
    let account = Account { address: key.address(), label, purpose, source };
    contents.add(account.clone(), Some(key))?;
    Ok(account)
}
