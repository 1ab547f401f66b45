//! Bank logins: account id and token, in the keyring of the operating system and nowhere else. The wallet's database knows
//! which banks there is a login for, and the account's id shortened.

use std::{path::Path, sync::Arc, time::Duration};

use keyring_core::{CredentialStore, Entry};
use parlance_zktls_prove::Values;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::banks::{Bank, bank, banks};
use crate::{
    Wallet,
    error::{Result, WalletError},
    store::now,
    tokens::clean,
};

/// Setting: for which banks there is a login.
const KEY: &str = "credit/logins";
/// Service under which the keyring has the tokens.
const SERVICE: &str = "parlance-wallet-bank";
/// Longest secret, bytes.
const MAX_SECRET: usize = 8 << 10;
/// The Secret Service asks over D-Bus, which can hang when its daemon does.
const PATIENCE: Duration = Duration::from_secs(10);

/// A login without what is secret of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownLogin {
    /// Template id of the bank.
    pub bank: String,
    /// Account id, shortened.
    pub account: String,
    /// Unix seconds.
    pub added: u64,
    /// True for the local world's own login.
    #[serde(skip)]
    pub of_world: bool,
}

/// The operating system's keyring, as far as bank logins need it.
#[derive(Clone)]
pub struct Keyring {
    store: Option<Arc<CredentialStore>>,
    folder: String,
}

impl Keyring {
    /// For the wallet of a data folder: the desktop's own keyring, opened when it is needed.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self { store: None, folder: folder(data) }
    }

    /// Over another store of credentials, for tests.
    #[must_use]
    pub fn over(store: Arc<CredentialStore>, data: &Path) -> Self {
        Self { store: Some(store), folder: folder(data) }
    }

    /// Do something with the entry of a bank, on a thread of its own and not for long.
    async fn with<T: Send + 'static>(&self, bank: &str, work: impl FnOnce(Entry) -> keyring_core::Result<T> + Send + 'static) -> Result<T> {
        let (store, user) = (self.store.clone(), format!("{}/{bank}", self.folder));
        let (sender, receiver) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let failed = |e: keyring_core::Error| WalletError::NoKeyring { why: e.to_string() };
            let entry = opened(store).and_then(|store| store.build(SERVICE, &user, None).map_err(failed));
            // The receiver is gone only after the time-out, when nobody waits for the answer.
            let _ = sender.send(entry.and_then(|entry| work(entry).map_err(failed)));
        });
        match tokio::time::timeout(PATIENCE, receiver).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(WalletError::NoKeyring { why: "it broke off".into() }),
            Err(_) => Err(WalletError::NoKeyring { why: "it did not answer within ten seconds".into() }),
        }
    }
}

#[cfg(target_os = "linux")]
fn opened(store: Option<Arc<CredentialStore>>) -> Result<Arc<CredentialStore>> {
    if let Some(store) = store {
        return Ok(store);
    }
    if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none() && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        return Err(WalletError::NoKeyring { why: "there is no session bus".into() });
    }
    match zbus_secret_service_keyring_store::Store::new() {
        Ok(store) => Ok(store),
        Err(e) => Err(WalletError::NoKeyring { why: e.to_string() }),
    }
}

#[cfg(not(target_os = "linux"))]
fn opened(store: Option<Arc<CredentialStore>>) -> Result<Arc<CredentialStore>> {
    store.ok_or_else(|| WalletError::NoKeyring { why: "none is built in for this system".into() })
}

/// What is in the keyring.
#[derive(Serialize, Deserialize)]
struct Secret {
    account: String,
    token: String,
}

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.account);
        zeroize::Zeroize::zeroize(&mut self.token);
    }
}

/// For which banks there is a login, the local world's own first.
///
/// # Errors
/// Store errors.
pub fn logins(wallet: &Wallet) -> Result<Vec<KnownLogin>> {
    let mut known: Vec<KnownLogin> = wallet.store.setting(KEY)?.unwrap_or_default();
    if let Some(local) = world(wallet) {
        known.retain(|login| login.bank != local.template);
        known.insert(0, KnownLogin { bank: local.template.clone(), account: short(&local.account), added: 0, of_world: true });
    }
    Ok(known)
}

/// Keep a login; one a bank. `account` is what [`Bank::parameter`] names, empty where it names nothing.
///
/// # Errors
/// [`WalletError::NoKeyring`]; [`WalletError::Ask`] with code `unknown_bank` or `login`.
pub async fn add_login(wallet: &Wallet, template: &str, account: &str, token: &Zeroizing<String>) -> Result<KnownLogin> {
    let bank = bank(template)?;
    let (account, token) = (account.trim(), token.trim());
    usable(bank, account, token)?;
    let secret = Secret { account: account.to_owned(), token: token.to_owned() };
    let bytes = Zeroizing::new(serde_json::to_vec(&secret).map_err(WalletError::json("a login"))?);
    wallet
        .keyring
        .with(&bank.template.id, move |entry| {
            entry.set_secret(&bytes)?;
            // Some services accept and forget.
            let back = Zeroizing::new(entry.get_secret()?);
            if *back == *bytes { Ok(()) } else { Err(keyring_core::Error::BadStoreFormat("it gave back another secret".into())) }
        })
        .await?;
    let login = KnownLogin { bank: bank.template.id.clone(), account: short(account), added: now(), of_world: false };
    let mut stored: Vec<KnownLogin> = wallet.store.setting(KEY)?.unwrap_or_default();
    stored.retain(|l| l.bank != login.bank);
    stored.push(login.clone());
    wallet.store.set(KEY, &stored)?;
    Ok(login)
}

/// Forget a login, in the keyring first.
///
/// # Errors
/// [`WalletError::NoKeyring`], [`WalletError::NotFound`].
pub async fn remove_login(wallet: &Wallet, template: &str) -> Result<()> {
    let bank = bank(template)?;
    let id = bank.template.id.as_str();
    let mut stored: Vec<KnownLogin> = wallet.store.setting(KEY)?.unwrap_or_default();
    let before = stored.len();
    stored.retain(|l| l.bank != id);
    if stored.len() == before {
        return Err(WalletError::NotFound { what: format!("login for {}", bank.template.name) });
    }
    wallet
        .keyring
        .with(id, |entry| match entry.delete_credential() {
            Err(keyring_core::Error::NoEntry) => Ok(()),
            other => other,
        })
        .await?;
    wallet.store.set(KEY, &stored)
}

/// The bank that is meant: the named one, else the only one that there is a login for and that the lender (its template
/// digests are `accepted`) takes.
///
/// # Errors
/// [`WalletError::Ask`] with code `unknown_bank`, `no_login` or `which_bank`.
pub fn bank_for(wallet: &Wallet, name: Option<&str>, accepted: &[alloy_primitives::B256]) -> Result<&'static Bank> {
    let known = logins(wallet)?;
    if let Some(name) = name {
        let bank = bank(name)?;
        return if known.iter().any(|l| l.bank == bank.template.id) { Ok(bank) } else { Err(no_login(Some(bank))) };
    }
    let mut fitting: Vec<&Bank> = banks().iter().filter(|b| known.iter().any(|l| l.bank == b.template.id)).collect();
    if fitting.is_empty() {
        return Err(no_login(None));
    }
    if fitting.iter().any(|b| accepted.contains(&b.digest)) {
        fitting.retain(|b| accepted.contains(&b.digest));
    }
    match fitting.as_slice() {
        [one] => Ok(one),
        several => Err(WalletError::Ask {
            code: "which_bank",
            message: "There are logins for several banks.".into(),
            remedy: format!("Say which one: {}.", several.iter().map(|b| b.template.name.as_str()).collect::<Vec<_>>().join(", ")),
        }),
    }
}

/// What the bank is asked with; read from the keyring now, and gone from memory when dropped.
///
/// # Errors
/// [`WalletError::NoKeyring`]; [`WalletError::Ask`] with code `no_login`.
pub async fn values(wallet: &Wallet, bank: &Bank) -> Result<Values> {
    if let Some(local) = world(wallet).filter(|local| local.template == bank.template.id) {
        return Ok(values_of(bank, &local.account, Zeroizing::new(local.token.clone())));
    }
    let bytes = wallet
        .keyring
        .with(&bank.template.id, |entry| match entry.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(e) => Err(e),
        })
        .await?;
    let secret: Secret = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| no_login(Some(bank)))?;
    Ok(values_of(bank, &secret.account, Zeroizing::new(secret.token.clone())))
}

/// What the bank is asked with, given just now and kept nowhere.
///
/// # Errors
/// [`WalletError::Ask`] with code `login` where the bank can't be asked with it.
pub fn values_given(bank: &Bank, account: &str, token: &Zeroizing<String>) -> Result<Values> {
    let (account, token) = (account.trim(), token.trim());
    usable(bank, account, token)?;
    Ok(values_of(bank, account, Zeroizing::new(token.to_owned())))
}

fn values_of(bank: &Bank, account: &str, token: Zeroizing<String>) -> Values {
    match bank.parameter() {
        Some(parameter) => Values::new(token).with(parameter, account),
        None => Values::new(token),
    }
}

/// Whether the template takes them: nothing of either is said where it does not.
fn usable(bank: &Bank, account: &str, token: &str) -> Result<()> {
    let wrong = |message: String| WalletError::Ask {
        code: "login",
        message,
        remedy: "Copy it again from the bank's page; it has no spaces inside.".into(),
    };
    if bank.parameter().is_none() && !account.is_empty() {
        return Err(wrong(format!("{} is asked with the token alone, without an account's id.", bank.template.name)));
    }
    let filled = bank.template.fill(|hole| Some(if hole == parlance_zktls_protocol::template::CREDENTIAL { token } else { account }));
    match filled {
        Ok(_) if token.len() + account.len() <= MAX_SECRET => Ok(()),
        Ok(_) => Err(wrong("That is too long for a login.".into())),
        // The error names the hole and what it takes, never the value.
        Err(e) => Err(wrong(format!("{} can't be asked with that: {e}.", bank.template.name))),
    }
}

fn no_login(bank: Option<&Bank>) -> WalletError {
    let (whose, id) = bank.map_or(("any bank", "starling"), |b| (b.template.name.as_str(), b.template.id.as_str()));
    WalletError::Ask {
        code: "no_login",
        message: format!("There is no login for {whose}."),
        remedy: format!("Add one: `parlance banks add {id}`, or under Proofs and loans. The token goes to the keyring of this computer."),
    }
}

fn world(wallet: &Wallet) -> Option<&crate::WorldBank> {
    wallet.world.as_ref()?.credit.as_ref().map(|credit| &credit.bank)
}

/// `7c9e…0ae7`.
fn short(account: &str) -> String {
    let account = clean(account, 64);
    let count = account.chars().count();
    if count <= 8 {
        // Of a short id the ends would be all of it.
        return account.chars().take(2).chain(std::iter::repeat_n('•', count.saturating_sub(2))).collect();
    }
    account.chars().take(4).chain(std::iter::once('…')).chain(account.chars().skip(count - 4)).collect()
}

fn folder(data: &Path) -> String {
    let data = std::fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
    let hash = blake3::hash(data.as_os_str().as_encoded_bytes());
    hash.as_bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_never_shown_whole() {
        assert_eq!(short("7c9e6679-7425-40de-944b-e07fc1f90ae7"), "7c9e…0ae7");
        assert_eq!(short("12345678"), "12••••••");
        assert_eq!(short("1"), "1");
        assert_eq!(short(""), "");
    }

    #[test]
    fn what_the_template_does_not_take_is_refused_without_being_said() {
        let refused = |id: &str, account: &str, token: &str| {
            let error = bank(id).and_then(|bank| usable(bank, account, token)).err();
            error.map(|e| {
                let said = format!("{e} {}", e.remedy());
                assert!(token.is_empty() || !said.contains(token), "{said}");
                e.code()
            })
        };
        let uuid = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
        assert_eq!(refused("starling", uuid, "tok.en-1"), None);
        assert_eq!(refused("mercury", "", "tok.en-1"), None);
        assert_eq!(refused("starling", "not-a-uuid", "tok.en-1"), Some("login"));
        assert_eq!(refused("starling", uuid, "se cret-token"), Some("login"));
        assert_eq!(refused("starling", uuid, "secret-token\r\nHost: evil"), Some("login"));
        assert_eq!(refused("starling", "", "secret-token"), Some("login"));
        assert_eq!(refused("starling", uuid, ""), Some("login"));
        assert_eq!(refused("mercury", "x", "secret-token"), Some("login"));
    }
}
