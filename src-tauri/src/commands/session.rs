//! The session, the status line, and what is asked of the signer as a whole.

use std::time::Instant;

use parlance_signer_protocol as signer;
use parlance_wallet_core::{
    Wallet, WalletError,
    view::{Gauge, Problem},
};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use crate::session::{Open, Session};

/// The session as a whole.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct SessionView {
    /// Release.
    pub version: String,
    /// Folder of this wallet.
    pub data: String,
    /// Why the wallet can't be opened.
    pub problem: Option<Problem>,
    /// False while it is still being opened.
    pub ready: bool,
    /// True in a local world.
    pub play_money: bool,
    /// What has to be said once about how the chats' key is kept.
    pub warning: Option<String>,
}

/// Signer, model and network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct StatusView {
    /// The signer.
    pub signer: SignerView,
    /// The model.
    pub model: ModelStatus,
    /// The current network.
    pub network: NetworkStatus,
    /// True where nothing is worth anything.
    pub play_money: bool,
}

/// How the signer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SignerState {
    /// Not heard yet.
    Starting,
    /// There is no wallet yet.
    NoVault,
    /// Keys are not in memory.
    Locked,
    /// It can sign.
    Unlocked,
    /// It has stopped.
    Gone,
}

/// The signer, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct SignerView {
    /// How it does.
    pub state: SignerState,
    /// Rule pack in force.
    pub pack: String,
    /// Version of the rules.
    pub rules_version: u64,
    /// What is used of each limit.
    pub limits: Vec<Gauge>,
    /// Seconds until it locks itself.
    pub lock_in: Option<u64>,
    /// `window`, `terminal` or `none`.
    pub approver: String,
    /// True while its window asks something.
    pub asking: bool,
    /// Why everything asks for the password.
    pub rollback: Option<String>,
    /// Accounts, without keys.
    pub accounts: Vec<AccountRow>,
}

/// An account of the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AccountRow {
    /// Checksummed.
    pub address: String,
    /// The owner's name for it.
    pub label: String,
    /// BIP-32 path.
    pub path: Option<String>,
    /// True where there is no key.
    pub watch_only: bool,
}

/// The model in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ModelStatus {
    /// Its name.
    pub name: String,
    /// What it runs on.
    pub backend: String,
    /// True where it answers.
    pub ready: bool,
    /// Why it does not.
    pub problem: Option<String>,
}

/// The current network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct NetworkStatus {
    /// Id-name.
    pub name: String,
    /// For people.
    pub title: String,
    /// True where coins are worth nothing.
    pub testnet: bool,
    /// Newest block.
    pub block: Option<u64>,
    /// How long the question for it took.
    pub latency_ms: Option<u64>,
    /// Why there is none.
    pub problem: Option<String>,
}

/// One of the signer's own dialogues.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the protocol's own names: see `parlance_signer_protocol::Ceremony`")]
pub enum Ceremony {
    FirstRun,
    Import,
    AddAccount,
    WatchAccount,
    Export,
    Backup,
    Restore,
    ChangePassword,
    Incident,
}

impl From<Ceremony> for signer::Ceremony {
    fn from(kind: Ceremony) -> Self {
        match kind {
            Ceremony::FirstRun => Self::FirstRun,
            Ceremony::Import => Self::Import,
            Ceremony::AddAccount => Self::AddAccount,
            Ceremony::WatchAccount => Self::WatchAccount,
            Ceremony::Export => Self::Export,
            Ceremony::Backup => Self::Backup,
            Ceremony::Restore => Self::Restore,
            Ceremony::ChangePassword => Self::ChangePassword,
            Ceremony::Incident => Self::Incident,
        }
    }
}

/// The session as a whole.
#[tauri::command]
#[specta::specta]
pub async fn session(session: State<'_, Session>) -> Result<SessionView, Problem> {
    let open = session.opened().ok();
    Ok(SessionView {
        version: env!("CARGO_PKG_VERSION").into(),
        data: session.data().display().to_string(),
        problem: session.failure(),
        ready: open.is_some(),
        play_money: open.as_ref().is_some_and(|o| o.wallet.world.is_some()),
        warning: open.and_then(|o| o.warning.clone()),
    })
}

/// How signer, model and network do.
#[tauri::command]
#[specta::specta]
pub async fn status(session: State<'_, Session>) -> Result<StatusView, Problem> {
    let open = session.opened()?;
    let network = match session.last_status() {
        Some(last) if open.wallet.current_chain().is_ok_and(|c| c.name == last.network.name) => last.network,
        _ => network_status(&open.wallet).await,
    };
    Ok(status_view(&open, network).await)
}

/// Have the signer's window ask for the password.
#[tauri::command]
#[specta::specta]
pub async fn unlock(session: State<'_, Session>) -> Result<String, Problem> {
    let said = session.wallet()?.signer.unlock().await;
    session.nudge.notify_one();
    Ok(said?)
}

/// Lock at once.
#[tauri::command]
#[specta::specta]
pub async fn lock(session: State<'_, Session>) -> Result<String, Problem> {
    let said = session.wallet()?.signer.lock().await;
    session.nudge.notify_one();
    Ok(said?)
}

/// One of the signer's own dialogues, in its window.
#[tauri::command]
#[specta::specta]
pub async fn ceremony(session: State<'_, Session>, kind: Ceremony) -> Result<String, Problem> {
    let said = session.wallet()?.signer.ceremony(kind.into()).await;
    session.nudge.notify_one();
    Ok(said?)
}

/// Take back what the signer's window asks.
#[tauri::command]
#[specta::specta]
pub async fn withdraw(session: State<'_, Session>) -> Result<(), Problem> {
    session.wallet()?.signer.withdraw().await?;
    session.nudge.notify_one();
    Ok(())
}

pub(crate) async fn status_view(open: &Open, network: NetworkStatus) -> StatusView {
    let signer = match open.wallet.signer.status().await {
        Ok(status) => signer_view(status),
        Err(e) => {
            tracing::debug!("the signer's status: {e}");
            gone()
        }
    };
    let model = match open.mind.standing().await {
        Ok(hello) => ModelStatus { name: hello.model, backend: hello.backend, ready: true, problem: None },
        Err(why) => ModelStatus {
            name: open.mind.model().file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(),
            backend: String::new(),
            ready: false,
            problem: Some(why),
        },
    };
    StatusView { signer, model, network, play_money: open.wallet.world.is_some() }
}

pub(crate) async fn network_status(wallet: &Wallet) -> NetworkStatus {
    let client = match wallet.client(None) {
        Ok(client) => client,
        Err(e) => return NetworkStatus { problem: Some(e.to_string()), ..NetworkStatus::default() },
    };
    let chain = client.chain();
    let asked = Instant::now();
    let head: Result<_, WalletError> = client.head().await;
    let (name, title, testnet) = (chain.name.clone(), chain.title.clone(), chain.testnet);
    match head {
        Ok(head) => NetworkStatus {
            name,
            title,
            testnet,
            block: Some(head.number),
            latency_ms: u64::try_from(asked.elapsed().as_millis()).ok(),
            problem: None,
        },
        Err(e) => NetworkStatus { name, title, testnet, block: None, latency_ms: None, problem: Some(e.to_string()) },
    }
}

fn signer_view(status: signer::Status) -> SignerView {
    let state = match (status.vault, status.locked) {
        (false, _) => SignerState::NoVault,
        (true, true) => SignerState::Locked,
        (true, false) => SignerState::Unlocked,
    };
    SignerView {
        state,
        pack: status.pack,
        rules_version: status.rules_version,
        limits: status.limits.into_iter().map(|l| Gauge { label: l.label, used: l.used, limit: l.limit }).collect(),
        // Minutes until the last one: a status that changes each second would be told each second.
        lock_in: status.lock_in.map(|s| if s > 120 { s.div_ceil(60) * 60 } else { s }),
        approver: status.approver,
        asking: status.asking,
        rollback: status.rollback,
        accounts: status
            .accounts
            .into_iter()
            .map(|a| AccountRow { address: a.address.to_checksum(None), label: a.label, path: a.path, watch_only: a.watch_only })
            .collect(),
    }
}

fn gone() -> SignerView {
    SignerView {
        state: SignerState::Gone,
        pack: String::new(),
        rules_version: 0,
        limits: Vec::new(),
        lock_in: None,
        approver: "none".into(),
        asking: false,
        rollback: None,
        accounts: Vec::new(),
    }
}
