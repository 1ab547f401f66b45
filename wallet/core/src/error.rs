//! What can go wrong between a person's words and the chain, and what the person can do about it.

use alloy_primitives::{Address, B256};
use parlance_effects::ChainId;

/// `Result` of this crate.
pub type Result<T, E = WalletError> = std::result::Result<T, E>;

/// Everything that fails in this crate: what was got, what was expected, and by [`WalletError::remedy`] what to do.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    // ------------------------------------------------------------------------------------------------ chain access
    /// No endpoint of the chain could be reached.
    #[error("{chain} is out of reach: {why}")]
    Offline {
        /// Id-name of the chain.
        chain: String,
        /// What each endpoint answered.
        why: String,
    },
    /// Every endpoint that answers belongs to another chain.
    #[error("the endpoint {endpoint} answers for chain {got}, expected {chain} ({expected})")]
    WrongChain {
        /// Host of the endpoint.
        endpoint: String,
        /// Id-name of the chain that was meant.
        chain: String,
        /// The id it should have.
        expected: ChainId,
        /// The id the endpoint reports.
        got: ChainId,
    },
    /// The node answered with a JSON-RPC error.
    #[error("{method} failed on {chain}: {message} (code {code})")]
    Rpc {
        /// Id-name of the chain.
        chain: String,
        /// JSON-RPC method.
        method: &'static str,
        /// JSON-RPC error code.
        code: i64,
        /// The node's words.
        message: String,
    },
    /// The node's answer does not have the shape that the method promises.
    #[error("{chain} gave an answer to {method} that can't be read: {why}")]
    BadAnswer {
        /// Id-name of the chain.
        chain: String,
        /// JSON-RPC method or contract function.
        method: &'static str,
        /// What was wrong with it.
        why: String,
    },
    /// The node does not know the method.
    #[error("the node for {chain} does not offer {method}")]
    Unsupported {
        /// Id-name of the chain.
        chain: String,
        /// JSON-RPC method.
        method: &'static str,
    },
    /// A call that only reads, or an estimate, reverted.
    #[error("the contract refused: {reason}")]
    Reverted {
        /// Decoded reason.
        reason: String,
    },
    /// No chain of that name or id.
    #[error("no network called {got:?} is set up; there are {known}")]
    UnknownChain {
        /// Name or id as given.
        got: String,
        /// The id-names that exist.
        known: String,
    },
    /// A config or catalogue file can't be used.
    #[error("{file} can't be used: {why}")]
    Config {
        /// File name.
        file: String,
        /// Where and why.
        why: String,
    },
    /// Simulation had to stop.
    #[error("the preview stopped: {why}")]
    Simulation {
        /// Which bound was met.
        why: String,
    },

    // ------------------------------------------------------------------------------------------------ transactions
    /// The node refused the transaction for good.
    #[error("{chain} refused the transaction: {why}")]
    Refused {
        /// Id-name of the chain.
        chain: String,
        /// The node's words.
        why: String,
    },
    /// The balance does not cover value and fee.
    #[error("not enough {symbol} on {chain} for amount and fee: {why}")]
    InsufficientFunds {
        /// Id-name of the chain.
        chain: String,
        /// Native symbol.
        symbol: String,
        /// The node's words.
        why: String,
    },
    /// The nonce was used by another transaction already.
    #[error("nonce {nonce} of {account} on {chain} is used up (the next one is {next})")]
    NonceUsed {
        /// Id-name of the chain.
        chain: String,
        /// Whose.
        account: Address,
        /// The one that was meant.
        nonce: u64,
        /// What the chain expects next.
        next: u64,
    },
    /// Same nonce and a fee too close to that of the transaction in the pool.
    #[error("the fee is too low to replace the transaction that waits with nonce {nonce}: {why}")]
    Underpriced {
        /// The nonce that both have.
        nonce: u64,
        /// The node's words.
        why: String,
    },
    /// A transaction is not in a state that allows what was asked.
    #[error("transaction {id} is {state}, expected {expected}")]
    TxState {
        /// Row in the store.
        id: i64,
        /// What it is.
        state: String,
        /// What it would have to be.
        expected: &'static str,
    },
    /// No such transaction in the store.
    #[error("there is no transaction {what} in this wallet")]
    UnknownTx {
        /// Id or hash.
        what: String,
    },
    /// Signed bytes are not what was prepared.
    #[error("the signed transaction differs from the prepared one in {field}: got {got}, expected {expected}")]
    SignedDiffers {
        /// Which field.
        field: &'static str,
        /// In the signed bytes.
        got: String,
        /// In the record.
        expected: String,
    },

    // ------------------------------------------------------------------------------------------- tokens and amounts
    /// A token symbol that is not in the book.
    #[error("{symbol:?} is not a token that this wallet knows on {chain}")]
    UnknownToken {
        /// As given.
        symbol: String,
        /// Id-name or number of the chain.
        chain: String,
    },
    /// More than one token has that symbol.
    #[error("{symbol:?} could be {count} different tokens: {candidates}")]
    AmbiguousToken {
        /// As given.
        symbol: String,
        /// How many.
        count: usize,
        /// `SYMBOL (0x..)`, comma separated.
        candidates: String,
    },
    /// The address holds no ERC-20 contract.
    #[error("{address} on {chain} is not a token: {why}")]
    NotAToken {
        /// The address.
        address: Address,
        /// Id-name of the chain.
        chain: String,
        /// What it answered.
        why: String,
    },
    /// The token is already known, with other values.
    #[error("a token called {symbol} is known on this chain at {at}; {got} is another contract")]
    TokenExists {
        /// Symbol.
        symbol: String,
        /// Where the known one is.
        at: String,
        /// The one that was to be added.
        got: Address,
    },
    /// Not an amount.
    #[error("{got:?} is not an amount: {why}")]
    Amount {
        /// As given.
        got: String,
        /// What is wrong.
        why: String,
    },
    /// No price for an asset.
    #[error("there is no price for {asset}: {why}")]
    NoPrice {
        /// Symbol.
        asset: String,
        /// Why.
        why: String,
    },

    // ----------------------------------------------------------------------------------------------------------- ENS
    /// The chain has no ENS registry.
    #[error("there is no ENS on {chain}: {name} can't be looked up there")]
    NoEns {
        /// Id-name of the chain.
        chain: String,
        /// Name as given.
        name: String,
    },
    /// Not a valid or safe ENS name.
    #[error("{name:?} is not a usable ENS name: {why}")]
    EnsName {
        /// As given.
        name: String,
        /// ENSIP-15's objection.
        why: String,
    },
    /// The name has no address.
    #[error("{name} has no address on {chain}: {why}")]
    EnsUnset {
        /// Normalised name.
        name: String,
        /// Id-name of the chain.
        chain: String,
        /// No owner, no resolver, no record.
        why: String,
    },

    // --------------------------------------------------------------------------------------------------------- store
    /// SQLite.
    #[error("the wallet's database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// File system.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The database was written by a newer release.
    #[error("the database has schema {found}, this release knows {known}")]
    NewerSchema {
        /// In the file.
        found: i64,
        /// Compiled in.
        known: i64,
    },
    /// The key does not open the database.
    #[error("the key does not open the database")]
    StoreKey,
    /// A row does not open under its own name: damaged or moved.
    #[error("row {id} of {table} is damaged or was moved: {why}")]
    Sealed {
        /// Table.
        table: &'static str,
        /// Row id.
        id: i64,
        /// Which check failed.
        why: String,
    },
    /// The key can't be had.
    #[error("the key of the wallet's database can't be read: {why}")]
    KeySource {
        /// Which source, and why.
        why: String,
    },
    /// No such conversation, contact, entry...
    #[error("there is no {what}")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// A value can't be written as or read from JSON.
    #[error("{what} can't be stored or read: {source}")]
    Json {
        /// What.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// A CSV export failed.
    #[error("the export failed: {0}")]
    Csv(#[from] csv::Error),
    /// A QR code can't hold the data.
    #[error("the QR code can't be drawn: {0}")]
    Qr(String),
    /// A background task of the wallet ended early.
    #[error("a background task of the wallet stopped: {0}")]
    Task(String),

    // -------------------------------------------------------------------------------------------- proofs and loans
    /// A lender can't be reached.
    #[error("{lender} can't be reached: {why}")]
    LenderOffline {
        /// Name, or host while it has none.
        lender: String,
        /// What happened.
        why: String,
    },
    /// A lender said no; carries its own remedy.
    #[error("{lender} says: {message}")]
    LenderRefused {
        /// Name of the lender.
        lender: String,
        /// Its words, cleaned.
        message: String,
        /// Its remedy, cleaned.
        remedy: String,
    },
    /// A lender's answer is not what its interface promises.
    #[error("{lender} gave an answer that can't be used: {what} is {got}, expected {expected}")]
    LenderAnswer {
        /// Name, or host while it has none.
        lender: String,
        /// Which part.
        what: &'static str,
        /// What came.
        got: String,
        /// What should have come.
        expected: String,
    },
    /// No proof came of it.
    #[error("{0}")]
    Proof(#[from] parlance_zktls_prove::ProveError),
    /// No keyring keeps a bank's token.
    #[error("there is no keyring that could keep the bank's token: {why}")]
    NoKeyring {
        /// What was tried.
        why: String,
    },

    // -------------------------------------------------------------------------------------------------- conversation
    /// Something that a conversation needs is missing or contradictory; carries its own remedy.
    #[error("{message}")]
    Ask {
        /// Stable code for programs.
        code: &'static str,
        /// In a sentence.
        message: String,
        /// What the person can do.
        remedy: String,
    },
    /// The signer can't be reached or answered badly.
    #[error("the signer: {0}")]
    Signer(#[from] parlance_signer_protocol::ProtocolError),
    /// The signer said no.
    #[error("{}", .0.reason)]
    SignerRefused(Box<parlance_signer_protocol::Refusal>),
}

impl WalletError {
    /// Stable name for programs (`error` events, exit codes, tests).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Offline { .. } => "offline",
            Self::WrongChain { .. } => "wrong_chain",
            Self::Rpc { .. } => "rpc",
            Self::BadAnswer { .. } => "bad_answer",
            Self::Unsupported { .. } => "unsupported",
            Self::Reverted { .. } => "reverted",
            Self::UnknownChain { .. } => "unknown_chain",
            Self::Config { .. } => "config",
            Self::Simulation { .. } => "simulation",
            Self::Refused { .. } => "tx_refused",
            Self::InsufficientFunds { .. } => "insufficient_funds",
            Self::NonceUsed { .. } => "nonce_used",
            Self::Underpriced { .. } => "underpriced",
            Self::TxState { .. } => "tx_state",
            Self::UnknownTx { .. } => "unknown_tx",
            Self::SignedDiffers { .. } => "signed_differs",
            Self::UnknownToken { .. } => "unknown_token",
            Self::AmbiguousToken { .. } => "ambiguous_token",
            Self::NotAToken { .. } => "not_a_token",
            Self::TokenExists { .. } => "token_exists",
            Self::Amount { .. } => "amount",
            Self::NoPrice { .. } => "no_price",
            Self::NoEns { .. } => "no_ens",
            Self::EnsName { .. } => "ens_name",
            Self::EnsUnset { .. } => "ens_unset",
            Self::Database(_) => "database",
            Self::Io { .. } => "io",
            Self::NewerSchema { .. } => "newer_schema",
            Self::StoreKey => "store_key",
            Self::Sealed { .. } => "sealed",
            Self::KeySource { .. } => "key_source",
            Self::NotFound { .. } => "not_found",
            Self::Json { .. } => "json",
            Self::Csv(_) => "csv",
            Self::Qr(_) => "qr",
            Self::Task(_) => "task",
            Self::LenderOffline { .. } => "lender_offline",
            Self::LenderRefused { .. } => "lender_refused",
            Self::LenderAnswer { .. } => "lender_answer",
            Self::Proof(parlance_zktls_prove::ProveError::Cancelled) => "cancelled",
            Self::Proof(_) => "proof",
            Self::NoKeyring { .. } => "no_keyring",
            Self::Ask { code, .. } => code,
            Self::Signer(_) => "signer",
            Self::SignerRefused(_) => "refused",
        }
    }

    /// What a person can do about it, in one or two sentences.
    pub fn remedy(&self) -> String {
        match self {
            Self::Offline { .. } => {
                "Check the internet connection, or name another endpoint for this network in config.toml. Nothing was sent.".into()
            }
            Self::WrongChain { chain, .. } => {
                format!("Correct the endpoint of {chain} in config.toml: transactions for one chain must not go to another.")
            }
            Self::Rpc { .. } | Self::BadAnswer { .. } => {
                "Try again in a moment; if it stays, name another endpoint for this network in config.toml.".into()
            }
            Self::Unsupported { method, .. } => format!("Name an endpoint that offers {method} in config.toml."),
            Self::Reverted { .. } => "Nothing was sent and no fee was paid. Check amount, balance and recipient.".into(),
            Self::UnknownChain { known, .. } => format!("Choose one of {known}, or add the network to config.toml."),
            Self::Config { file, .. } => format!("Correct {file} and start again."),
            Self::Simulation { .. } => "The effect could not be previewed. Try another endpoint, or do not send this transaction.".into(),
            Self::Refused { .. } => "Nothing was sent. Prepare the transaction again with current fees and balance.".into(),
            Self::InsufficientFunds { symbol, .. } => {
                format!("Send a smaller amount, choose a lower fee, or add {symbol} to this account.")
            }
            Self::NonceUsed { .. } => {
                "Another transaction of this account took its place, perhaps from another wallet. Prepare it again.".into()
            }
            Self::Underpriced { .. } => "Say \"speed it up\": the replacement must pay at least 12.5 % more.".into(),
            Self::TxState { .. } => "Ask for the status of the transaction to see what can be done with it.".into(),
            Self::UnknownTx { .. } => "Ask for the history to see which transactions there are.".into(),
            Self::SignedDiffers { .. } => "Nothing was sent. Lock the signer and report this: it should not happen.".into(),
            Self::UnknownToken { .. } => "Give the token's contract address, taken from its issuer's own page.".into(),
            Self::AmbiguousToken { .. } => "Say which one by its contract address.".into(),
            Self::NotAToken { .. } => "Check the address and the network.".into(),
            Self::TokenExists { symbol, .. } => {
                format!(
                    "If you really mean this other contract, always name it by its address: it is not the {symbol} that this wallet knows."
                )
            }
            Self::Amount { .. } => "Write the amount as digits, for example 12.5.".into(),
            Self::NoPrice { .. } => "Give the amount in units of the asset instead of dollars.".into(),
            Self::NoEns { .. } => "Use ENS names on Ethereum, or give the address (0x...) itself.".into(),
            Self::EnsName { .. } => "Check the spelling, or ask for the address (0x...) itself.".into(),
            Self::EnsUnset { .. } => "Ask the recipient for an address (0x...).".into(),
            Self::Database(_) => "Check that the disk is not full and that no other Parlance uses this data folder.".into(),
            Self::Io { .. } => "Check that the file exists and that you may read and write it.".into(),
            Self::NewerSchema { .. } => "Install the newest release: this database was written by one.".into(),
            Self::StoreKey => "Unlock the keyring of the user that made this data folder, or restore store.key from your backup.".into(),
            Self::Sealed { .. } => "Restore wallet.db from a backup. Keys and money are not in it: they are safe with the signer.".into(),
            Self::KeySource { .. } => "Unlock the keyring, or start with the same key source as before.".into(),
            Self::NotFound { .. } => "Ask for the list to see what there is.".into(),
            Self::Json { .. } => "This is a defect of the wallet: please report it.".into(),
            Self::Csv(_) => "Check that the target can be written and the disk is not full.".into(),
            Self::Qr(_) => "Copy the address as text instead.".into(),
            Self::Task(_) => "Try again; if it stays, restart Parlance.".into(),
            Self::LenderOffline { .. } => "Try again in a moment; if it stays, check the lender's address. Nothing was signed.".into(),
            Self::LenderRefused { remedy, .. } => remedy.clone(),
            Self::LenderAnswer { .. } => "Nothing was signed. Ask the lender, or choose another one.".into(),
            Self::Proof(_) => "Nothing was sent to the lender. Say it again to try again.".into(),
            Self::NoKeyring { .. } => {
                "Unlock the keyring of this desktop (GNOME Keyring, KWallet or KeePassXC), then add the login again. A token is never kept in a file; `parlance prove --token-stdin` takes it for one proof.".into()
            }
            Self::Ask { remedy, .. } => remedy.clone(),
            Self::Signer(_) => "Check that the signer runs; start Parlance by its launcher.".into(),
            Self::SignerRefused(refusal) => refusal.remedy.clone(),
        }
    }

    /// True where trying again may help without changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Offline { .. } | Self::Rpc { .. } | Self::BadAnswer { .. } | Self::LenderOffline { .. })
    }

    pub(crate) fn io(path: impl AsRef<std::path::Path>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { path: path.as_ref().display().to_string(), source }
    }

    pub(crate) fn json(what: &'static str) -> impl FnOnce(serde_json::Error) -> Self {
        move |source| Self::Json { what, source }
    }

    pub(crate) fn unknown_tx(hash: B256) -> Self {
        Self::UnknownTx { what: hash.to_string() }
    }
}
