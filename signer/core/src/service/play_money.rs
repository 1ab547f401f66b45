//! The local world's wallet: a vault with public keys and a public password, for chain 31337 only.

use std::sync::Arc;

use alloy_primitives::Address;
use serde::Deserialize;

use super::custody::{Custody, Opening};
use crate::SignerError;
use crate::contacts::check_name;
use crate::keys::{Label, Password, Phrase, SecretText};
use crate::prices::{LOCAL_CHAIN, LOCAL_ETHER, native};
use crate::state::Event;
use crate::vault::{KdfParameters, Protection, Vault};

/// The password of every play-money wallet.
const PASSWORD: &str = "play";
/// Contacts of the local world were added so long ago, seconds: they have cooled down.
const CONTACTS_ADDED: u64 = 2 * 86_400;

/// What the signer takes from `devworld.json`.
#[derive(Deserialize)]
pub struct PlayWorld {
    chain_id: u64,
    demo: Demo,
    #[serde(default)]
    contacts: Vec<Person>,
}

#[derive(Deserialize)]
struct Demo {
    mnemonic: String,
}

#[derive(Deserialize)]
struct Person {
    name: String,
    address: Address,
}

/// Make the play-money wallet in an empty data folder.
///
/// Its keys sign for chain 31337 only (the vault's realm and the rules' floor both see to that), and the price of ether
/// there is [`LOCAL_ETHER`], compiled in: so nothing that comes over the descriptor can weaken a real wallet.
///
/// # Errors
/// [`SignerError::VaultExists`] where there is any vault; [`SignerError::Phrase`]; disk errors.
pub fn init_play_money(opening: Opening, world: PlayWorld, kdf: KdfParameters) -> Result<Address, SignerError> {
    if world.chain_id != LOCAL_CHAIN {
        let reason = format!("play money is for chain {LOCAL_CHAIN} only, got a world of chain {}", world.chain_id);
        return Err(SignerError::Unsupported { reason });
    }
    let folder = opening.folder.clone();
    let clock = opening.clock.clone();
    if Vault::exists(&folder) {
        return Err(SignerError::VaultExists { path: folder.path().to_owned() });
    }
    let mut custody = Custody::open(opening)?;
    let phrase = Phrase::import(&SecretText::new(world.demo.mnemonic))?;
    let password = Password::new(PASSWORD.to_owned())?;
    let mut vault = Vault::create(folder, Arc::clone(&clock), Protection::PlayMoney, &password, kdf, 0)?;
    let account = vault.add_phrase(phrase, None, Label::new("Demo")?)?;
    let now = custody.now();
    let mut events = vec![Event::PriceApproved { asset: native(LOCAL_CHAIN), micro_usd: LOCAL_ETHER, at: now }];
    for Person { name, address } in world.contacts {
        let added = now.saturating_sub(CONTACTS_ADDED);
        events.push(Event::ContactAdded { name: check_name(&name)?, address, added });
    }
    custody.begin(vault, true, events)?;
    custody.lock("the play-money wallet is made")?;
    Ok(account.address)
}
