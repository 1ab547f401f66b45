//! Networks and how their endpoints do; networks of the person's own in `config.toml`.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use specta::Type;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};
use url::Url;

use crate::{
    Wallet,
    chain::{CONFIG_FILE, Catalogue, Chain, EndpointHealth, EndpointProbe, check_url},
    error::{Result, WalletError},
};

/// A network.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct NetworkRow {
    /// Id-name.
    pub name: String,
    /// For people.
    pub title: String,
    /// EIP-155.
    pub chain_id: u64,
    /// Symbol of its coin.
    pub native: String,
    /// True where coins are worth nothing.
    pub testnet: bool,
    /// True for the one that is meant where none is named.
    pub current: bool,
    /// True where the person added or changed it.
    pub own: bool,
    /// Host of the private relay.
    pub private_relay: Option<String>,
    /// Block explorer.
    pub explorer: Option<String>,
    /// Its endpoints, in order of preference.
    pub endpoints: Vec<EndpointRow>,
}

/// An endpoint. Hosts only: paths can carry a person's API key.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct EndpointRow {
    /// Host and port.
    pub host: String,
    /// How it does.
    pub state: EndpointState,
    /// Time of an answer, milliseconds.
    pub latency_ms: Option<u64>,
    /// Its newest block, where it was just asked.
    pub block: Option<u64>,
    /// The last thing that went wrong.
    pub last_error: Option<String>,
}

/// How an endpoint does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    /// Not asked yet.
    Unknown,
    /// It answers.
    Good,
    /// Left alone for a while after failures.
    Resting,
    /// It failed last.
    Failing,
    /// It answers for another chain.
    WrongChain,
}

/// A network of the person's own.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct NetworkForm {
    /// Id-name: a-z, 0-9 and -.
    pub name: String,
    /// EIP-155.
    pub chain_id: u64,
    /// Symbol of its coin.
    pub native: String,
    /// URLs, https or this very machine.
    pub endpoints: Vec<String>,
    /// URL of a block explorer.
    pub explorer: Option<String>,
    /// True where coins are worth nothing.
    pub testnet: bool,
}

/// All networks.
///
/// # Errors
/// Store errors, [`WalletError::Config`].
pub fn networks(wallet: &Wallet) -> Result<Vec<NetworkRow>> {
    let standing = Standing::of(wallet)?;
    wallet.catalogue().iter().map(|chain| row(wallet, chain, &standing, &[])).collect()
}

/// One network, each of its endpoints asked now.
///
/// # Errors
/// [`WalletError::UnknownChain`], store errors.
pub async fn network_check(wallet: &Wallet, name: &str) -> Result<NetworkRow> {
    let client = wallet.client(Some(name))?;
    let probes = client.probe().await;
    row(wallet, client.chain(), &Standing::of(wallet)?, &probes)
}

/// From now on this network is meant where none is named.
///
/// # Errors
/// [`WalletError::UnknownChain`], store errors.
pub fn network_use(wallet: &Wallet, name: &str) -> Result<NetworkRow> {
    let chain = wallet.switch_chain(name)?;
    row(wallet, &chain, &Standing::of(wallet)?, &[])
}

/// Write a network into `config.toml`, beside whatever else stands there, and take it into use.
///
/// # Errors
/// [`WalletError::Ask`] with code `bad_network` and what is wrong; nothing is written then.
pub fn network_save(wallet: &Wallet, form: &NetworkForm) -> Result<NetworkRow> {
    let was_current = current(wallet)? == Some(form.chain_id);
    edit(wallet.data(), |chains| put(chains, form))?;
    wallet.reload_catalogue()?;
    let chain = wallet.catalogue().by_id(form.chain_id)?.clone();
    if was_current {
        // It may have got another name, by which the choice is kept.
        wallet.switch_chain(&chain.name)?;
    }
    row(wallet, &chain, &Standing::of(wallet)?, &[])
}

/// Take the person's own entry for a network out of `config.toml`. A built-in network is then as it came.
///
/// # Errors
/// [`WalletError::Ask`] where it is the current one and would be gone, or has no entry.
pub fn network_remove(wallet: &Wallet, name: &str) -> Result<()> {
    let chain = wallet.catalogue().by_name(name)?.clone();
    let built_in = Catalogue::builtin().by_id(chain.id).is_ok();
    if !built_in && current(wallet)? == Some(chain.id) {
        return Err(WalletError::Ask {
            code: "network_in_use",
            message: format!("{} is the network in use.", chain.title),
            remedy: "Switch to another one first.".into(),
        });
    }
    let mut found = false;
    edit(wallet.data(), |chains| {
        let before = chains.len();
        chains.retain(|table| !is_of(table, chain.id));
        found = chains.len() < before;
        Ok(())
    })?;
    if !found {
        return Err(WalletError::Ask {
            code: "network_built_in",
            message: format!("{} came with Parlance.", chain.title),
            remedy: "It can't be removed; you need not use it.".into(),
        });
    }
    wallet.reload_catalogue()
}

/// What the rows have in common.
struct Standing {
    current: Option<u64>,
    own: Vec<u64>,
}

impl Standing {
    fn of(wallet: &Wallet) -> Result<Self> {
        Ok(Self { current: current(wallet)?, own: own_ids(wallet.data())? })
    }
}

/// `None` where the chosen one is not set up any more: another can still be chosen then.
fn current(wallet: &Wallet) -> Result<Option<u64>> {
    match wallet.current_chain() {
        Ok(chain) => Ok(Some(chain.id)),
        Err(WalletError::UnknownChain { .. }) => Ok(None),
        Err(e) => Err(e),
    }
}

fn row(wallet: &Wallet, chain: &Chain, standing: &Standing, probes: &[EndpointProbe]) -> Result<NetworkRow> {
    let health = wallet.client_of(chain.id)?.health()?;
    let endpoints = health.iter().map(|h| endpoint(h, chain.id, probes.iter().find(|p| p.host == h.host))).collect();
    Ok(NetworkRow {
        name: chain.name.clone(),
        title: chain.title.clone(),
        chain_id: chain.id,
        native: chain.native.clone(),
        testnet: chain.testnet,
        current: standing.current == Some(chain.id),
        own: standing.own.contains(&chain.id),
        private_relay: chain.private_relay.as_ref().and_then(|u| u.host_str().map(str::to_owned)),
        explorer: chain.explorer.as_ref().map(Url::to_string),
        endpoints,
    })
}

fn endpoint(health: &EndpointHealth, chain: u64, probe: Option<&EndpointProbe>) -> EndpointRow {
    let state = match health {
        h if h.chain.is_some_and(|got| got != chain) => EndpointState::WrongChain,
        h if h.resting => EndpointState::Resting,
        h if h.failures > 0 => EndpointState::Failing,
        h if h.latency_ms.is_some() => EndpointState::Good,
        _ => EndpointState::Unknown,
    };
    EndpointRow {
        host: health.host.clone(),
        state,
        latency_ms: health.latency_ms,
        block: probe.and_then(|p| p.block),
        last_error: health.last_error.clone(),
    }
}

fn is_of(table: &Table, id: u64) -> bool {
    table.get("id").and_then(Item::as_integer).and_then(|i| u64::try_from(i).ok()) == Some(id)
}

fn own_ids(data: &Path) -> Result<Vec<u64>> {
    let document = read(data)?;
    let chains = document.get("chains").and_then(Item::as_array_of_tables);
    Ok(chains
        .map(|tables| tables.iter().filter_map(|t| t.get("id")?.as_integer()).filter_map(|i| u64::try_from(i).ok()).collect())
        .unwrap_or_default())
}

fn put(chains: &mut ArrayOfTables, form: &NetworkForm) -> Result<()> {
    let bad = |why: &str| bad_network(why.to_owned());
    let id = i64::try_from(form.chain_id).map_err(|_| bad("the chain id is too large"))?;
    let urls: Array = form.endpoints.iter().map(|u| u.trim()).filter(|u| !u.is_empty()).collect();
    let mut table = chains.iter().find(|t| is_of(t, form.chain_id)).cloned().unwrap_or_default();
    table["id"] = value(id);
    table["name"] = value(form.name.trim());
    table["native"] = value(form.native.trim());
    table["endpoints"] = value(urls);
    table["testnet"] = value(form.testnet);
    match form.explorer.as_deref().map(str::trim).filter(|u| !u.is_empty()) {
        Some(url) => {
            let parsed = Url::parse(url).map_err(|e| bad(&format!("the explorer {url}: {e}")))?;
            check_url(&parsed).map_err(|why| bad(&format!("the explorer {why}")))?;
            table["explorer"] = value(url);
        }
        None => {
            table.remove("explorer");
        }
    }
    let place = chains.iter().position(|t| is_of(t, form.chain_id));
    match place.and_then(|i| chains.get_mut(i)) {
        Some(known) => *known = table,
        None => chains.push(table),
    }
    Ok(())
}

fn read(data: &Path) -> Result<DocumentMut> {
    let path = data.join(CONFIG_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
        Err(e) => return Err(WalletError::io(&path)(e)),
    };
    text.parse().map_err(|e: toml_edit::TomlError| WalletError::Config { file: CONFIG_FILE.into(), why: e.to_string() })
}

/// Change the list of networks. What results is read as at a start before the file is replaced; comments and everything else
/// in it stay.
fn edit(data: &Path, change: impl FnOnce(&mut ArrayOfTables) -> Result<()>) -> Result<()> {
    let mut document = read(data)?;
    let chains = document.entry("chains").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let chains = chains.as_array_of_tables_mut().ok_or_else(|| WalletError::Config {
        file: CONFIG_FILE.into(),
        why: "`chains` is written in another form; expected [[chains]] sections".into(),
    })?;
    change(chains)?;
    let text = document.to_string();
    Catalogue::of_text(&text).map_err(|e| match e {
        WalletError::Config { why, .. } => bad_network(why),
        other => other,
    })?;
    replace(&data.join(CONFIG_FILE), &text)
}

fn bad_network(why: String) -> WalletError {
    WalletError::Ask {
        code: "bad_network",
        message: format!("The network can't be used: {why}."),
        remedy: "Correct what is named and save again; nothing was changed.".into(),
    }
}

/// All of the new text or all of the old; who could read the file before can read it after. Endpoints can carry an API key, so
/// a new one is its owner's alone.
fn replace(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension("toml.new");
    let written = || {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        match fs::metadata(path) {
            Ok(before) => file.set_permissions(before.permissions())?,
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    written().map_err(WalletError::io(&beside))?;
    fs::rename(&beside, path).map_err(WalletError::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).expect("there").permissions()) & 0o777
    }

    fn form(endpoints: &[&str]) -> NetworkForm {
        NetworkForm {
            name: "ours".into(),
            chain_id: 5115,
            native: "ETH".into(),
            endpoints: endpoints.iter().map(|e| (*e).to_owned()).collect(),
            explorer: None,
            testnet: true,
        }
    }

    #[test]
    fn saving_keeps_comments_and_other_settings() {
        let folder = tempfile::tempdir().expect("tempdir");
        let before = "# mine\ntheme = \"dark\" # stays\n\n[[chains]]\nid = 1 # ethereum\nendpoints = [\"https://node.example\"]\n";
        let path = folder.path().join(CONFIG_FILE);
        fs::write(&path, before).expect("written");
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).expect("set");
        edit(folder.path(), |chains| put(chains, &form(&["http://127.0.0.1:9000"]))).expect("saved");
        let after = fs::read_to_string(&path).expect("read");
        assert_eq!(mode(&path), 0o640);
        assert!(after.starts_with(before.trim_end()), "{after}");
        assert!(after.contains("id = 5115") && after.contains("http://127.0.0.1:9000"));
        assert_eq!(own_ids(folder.path()).expect("read"), [1, 5115]);

        edit(folder.path(), |chains| put(chains, &form(&["https://other.example"]))).expect("saved again");
        assert_eq!(own_ids(folder.path()).expect("read"), [1, 5115]);
        edit(folder.path(), |chains| {
            chains.retain(|t| !is_of(t, 5115));
            Ok(())
        })
        .expect("removed");
        let last = fs::read_to_string(&path).expect("read");
        assert!(last.contains("# mine") && last.contains("# stays") && !last.contains("5115"), "{last}");
    }

    #[test]
    fn what_can_not_be_used_is_not_written() {
        let folder = tempfile::tempdir().expect("tempdir");
        let path = folder.path().join(CONFIG_FILE);
        for endpoints in [&[][..], &["http://node.example"], &["not a url"]] {
            assert!(edit(folder.path(), |chains| put(chains, &form(endpoints))).is_err());
            assert!(!path.exists());
        }
        for explorer in ["javascript:alert(1)", "http://explorer.example", "explorer"] {
            let form = NetworkForm { explorer: Some(explorer.into()), ..form(&["https://node.example"]) };
            assert!(edit(folder.path(), |chains| put(chains, &form)).is_err(), "{explorer}");
            assert!(!path.exists());
        }
        edit(folder.path(), |chains| put(chains, &form(&["https://node.example/a-key"]))).expect("saved");
        assert_eq!(mode(&path), 0o600, "an endpoint can carry a key");
    }
}
