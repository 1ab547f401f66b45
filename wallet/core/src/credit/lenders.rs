//! The lenders that the owner added, and the local world's own. Who a lender is (name, chain, pool, asset) is fixed when it is
//! added: an answer that says otherwise later is refused. What it offers may change from day to day.

use parlance_credit::api;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{lender_api::LenderApi, lender_info};
use crate::{
    Wallet,
    error::{Result, WalletError},
    tokens::{clean, looks_like},
};

/// Setting: all lenders that were reached at least once.
const KEY: &str = "credit/lenders";
/// Most lenders.
const MAX: usize = 50;

/// A lender that the wallet knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownLender {
    /// As it calls itself.
    pub name: String,
    /// Where its interface is.
    pub url: Url,
    /// What it said last; `None` for the local world's lender until it is asked.
    pub info: Option<api::Lender>,
    /// True for the local world's lender, which `devworld.json` names.
    #[serde(skip)]
    pub of_world: bool,
}

/// All lenders, the local world's first.
///
/// # Errors
/// Store errors.
pub fn lenders(wallet: &Wallet) -> Result<Vec<KnownLender>> {
    let mut known: Vec<KnownLender> = wallet.store.setting(KEY)?.unwrap_or_default();
    if let Some(local) = wallet.world.as_ref().and_then(|world| world.credit.as_ref()).map(|credit| &credit.lender) {
        let before = known.iter().position(|l| l.name == local.name).map(|at| known.remove(at));
        let info = before.and_then(|lender| lender.info);
        known.insert(0, KnownLender { name: local.name.clone(), url: local.url.clone(), info, of_world: true });
    }
    Ok(known)
}

/// The lender of that name; without a name the only one.
///
/// # Errors
/// [`WalletError::Ask`] with code `no_lender`, `unknown_lender` or `which_lender`.
pub fn lender(wallet: &Wallet, name: Option<&str>) -> Result<KnownLender> {
    let mut known = lenders(wallet)?;
    let names = known.iter().map(|l| l.name.as_str()).collect::<Vec<_>>().join(", ");
    if known.is_empty() {
        return Err(WalletError::Ask {
            code: "no_lender",
            message: "This wallet knows no lender yet.".into(),
            remedy: "Add one by its address: `parlance lenders add https://...`, or under Proofs and loans.".into(),
        });
    }
    match name.map(str::trim) {
        None if known.len() == 1 => Ok(known.remove(0)),
        None => Err(WalletError::Ask {
            code: "which_lender",
            message: "This wallet knows several lenders.".into(),
            remedy: format!("Say which one: {names}."),
        }),
        Some(wanted) => match known.iter().position(|l| same(&l.name, wanted)) {
            Some(at) => Ok(known.remove(at)),
            None => Err(WalletError::Ask {
                code: "unknown_lender",
                message: format!("{} is not a lender that this wallet knows.", clean(wanted, 40)),
                remedy: format!("It knows {names}. Another one is added by its address: `parlance lenders add https://...`."),
            }),
        },
    }
}

/// Ask it who it is and add it.
///
/// # Errors
/// [`WalletError::LenderOffline`], [`WalletError::LenderAnswer`], [`WalletError::UnknownChain`]; [`WalletError::Ask`] with code
/// `lender_url` or `lender_name`; chain errors.
pub async fn add_lender(wallet: &Wallet, url: &str) -> Result<KnownLender> {
    let url = parse(url)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let info = lender_info::checked(LenderApi::new(&host, &url)?.lender().await?, &host)?;
    let known = lenders(wallet)?;
    let taken = |what: &str, name: &str| WalletError::Ask {
        code: "lender_name",
        message: format!("It calls itself {}, and {what} is called {} already.", info.name, clean(name, 48)),
        remedy: "Two that look alike are easily confused: remove or rename the other one first.".into(),
    };
    if let Some(same) = known.iter().find(|l| looks_like(&l.name, &info.name)) {
        return Err(taken("another lender", &same.name));
    }
    // A locked vault does not tell its contacts; nothing is paid to a lender by name anyway.
    let contacts = wallet.signer.contacts().await.unwrap_or_default();
    if let Some(contact) = contacts.iter().find(|c| looks_like(&c.name, &info.name)) {
        return Err(taken("a contact", &contact.name));
    }
    if known.len() >= MAX {
        return Err(WalletError::Ask {
            code: "lender_name",
            message: format!("This wallet knows {MAX} lenders, and that is the most."),
            remedy: "Remove one first.".into(),
        });
    }
    lender_info::on_chain(wallet, &info).await?;
    let lender = KnownLender { name: info.name.clone(), url, info: Some(info), of_world: false };
    remember(wallet, &lender)?;
    Ok(lender)
}

/// Forget it; its proofs and lines stay.
///
/// # Errors
/// As [`lender`]; [`WalletError::Ask`] with code `lender_of_world` for the local world's own.
pub fn remove_lender(wallet: &Wallet, name: &str) -> Result<()> {
    let lender = lender(wallet, Some(name))?;
    if lender.of_world {
        return Err(WalletError::Ask {
            code: "lender_of_world",
            message: format!("{} belongs to the local world.", lender.name),
            remedy: "It goes with it: `parlance dev down`.".into(),
        });
    }
    let mut stored: Vec<KnownLender> = wallet.store.setting(KEY)?.unwrap_or_default();
    stored.retain(|l| l.name != lender.name);
    wallet.store.set(KEY, &stored)
}

/// What it offers now: asked, checked, and still the same lender.
///
/// # Errors
/// [`WalletError::LenderOffline`], [`WalletError::LenderAnswer`], [`WalletError::UnknownChain`].
pub async fn refresh(wallet: &Wallet, lender: &KnownLender) -> Result<api::Lender> {
    let info = lender_info::checked(api(lender)?.lender().await?, &lender.name)?;
    if info.name != lender.name {
        return Err(changed(lender, "its name", &info.name, &lender.name));
    }
    // The local world's pool is where `devworld.json` says; it may be made anew.
    if let Some(before) = lender.info.as_ref().filter(|_| !lender.of_world)
        && before.pool != info.pool
    {
        return Err(changed(lender, "its pool", &info.pool.address.to_checksum(None), &before.pool.address.to_checksum(None)));
    }
    wallet.catalogue().by_id(info.pool.chain)?;
    remember(wallet, &KnownLender { info: Some(info.clone()), ..lender.clone() })?;
    Ok(info)
}

/// Its interface.
pub(super) fn api(lender: &KnownLender) -> Result<LenderApi> {
    LenderApi::new(&lender.name, &lender.url)
}

fn remember(wallet: &Wallet, lender: &KnownLender) -> Result<()> {
    let mut stored: Vec<KnownLender> = wallet.store.setting(KEY)?.unwrap_or_default();
    match stored.iter_mut().find(|l| l.name == lender.name) {
        Some(there) => *there = lender.clone(),
        None => stored.push(lender.clone()),
    }
    wallet.store.set(KEY, &stored)
}

fn parse(text: &str) -> Result<Url> {
    let text = text.trim();
    Url::parse(text).ok().filter(|url| text.len() <= 300 && url.username().is_empty() && url.password().is_none()).ok_or_else(|| {
        WalletError::Ask {
            code: "lender_url",
            message: format!("{} is not the address of a lender.", clean(text, 80)),
            remedy: "Give it as it stands on the lender's own page, for example https://lender.example.".into(),
        }
    })
}

fn changed(lender: &KnownLender, what: &'static str, got: &str, expected: &str) -> WalletError {
    WalletError::LenderAnswer {
        lender: lender.name.clone(),
        what,
        got: got.to_owned(),
        expected: format!("{expected}, as when it was added; if the lender says that it moved, remove it and add it again"),
    }
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}
