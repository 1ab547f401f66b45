//! The command line. It is a contract: scripts rely on it.

mod credit;
mod models;

use std::{os::fd::RawFd, path::PathBuf};

use alloy_primitives::{Address, B256};
use clap::{Args as ClapArgs, Parser, Subcommand};

pub use credit::{Banks, Lenders, Loan, Prove};
pub use models::Models;

/// A wallet that you talk to.
#[derive(Parser)]
#[command(name = "parlance", version, max_term_width = 100)]
pub struct Args {
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Command,
}

/// Where the wallet lives; the launcher fills this in.
#[derive(ClapArgs)]
pub struct Place {
    /// Folder of this wallet.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Descriptor of the socket to the signer.
    #[arg(long, global = true, hide = true)]
    pub signer_fd: Option<RawFd>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Talk in the terminal.
    #[command(after_help = "Example: echo 'shoot alice fifty bucks in usdc' | parlance chat --json --data ~/.local/share/parlance-dev\n\
        With --json each line of standard input is a message: plain text, a JSON string, {\"text\": \"...\"} or {\"intent\": {...}}.\n\
        Events, one a line: understood, preview, decision, approval, sent, receipt, progress, proof, say, error.\n\
        A line that says cancel while a proof is made stops it.\n\
        Approvals are asked on the terminal in either case; no flag skips them.")]
    Chat(Chat),
    /// What messages mean: JSON Lines in, JSON Lines out.
    #[command(after_help = "Example: echo '{\"text\": \"send 5 usdc to bob\", \"contacts\": [\"Bob\"]}' | parlance understand")]
    Understand(Understand),
    /// The permission rules.
    Rules {
        #[command(subcommand)]
        command: Rules,
    },
    /// The signer's hash-chained log.
    Audit {
        #[command(subcommand)]
        command: Audit,
    },
    /// The keys; everything secret is typed in the signer's own prompt.
    Vault {
        #[command(subcommand)]
        command: Vault,
    },
    /// What happened.
    #[command(after_help = "Example: parlance history --csv > history.csv")]
    History(History),
    /// Prove to a lender that a bank balance is at least so much, and not how much it is.
    #[command(after_help = "Example: parlance prove --at-least 10000 --currency USD --lender Maple --bank demo --out balance.proof")]
    Prove(Prove),
    /// Credit lines: without collateral, on a proof of a bank balance.
    Loan {
        #[command(subcommand)]
        command: Loan,
    },
    /// Who lends.
    Lenders {
        #[command(subcommand)]
        command: Lenders,
    },
    /// Banks that can be asked for a balance, and their logins.
    Banks {
        #[command(subcommand)]
        command: Banks,
    },
    /// Language models.
    Models {
        #[command(subcommand)]
        command: Models,
    },
    /// Completion script for a shell.
    #[command(after_help = "Example: parlance completions bash > ~/.local/share/bash-completion/completions/parlance")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

#[derive(ClapArgs)]
pub struct Chat {
    /// One message a line in, one event a line out.
    #[arg(long)]
    pub json: bool,
    /// Another model (GGUF) than the one in use. Without a passed exam it may only answer questions.
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub struct Understand {
    /// Another model (GGUF) than the shipped one.
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Rules {
    /// The rules in force, in sentences and as source.
    #[command(after_help = "Example: parlance rules show --json | jq .own_source")]
    Show {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Validate and lint a file.
    #[command(after_help = "Example: parlance rules check my-rules.cedar")]
    Check {
        /// Cedar source.
        file: PathBuf,
    },
    /// Run the tests of rule packs.
    #[command(after_help = "Example: parlance rules test policies/packs")]
    Test {
        /// Folder with NAME.cedar and NAME.tests files.
        dir: PathBuf,
    },
    /// Say in sentences what a file, or a pack, allows.
    #[command(after_help = "Example: parlance rules explain cautious")]
    Explain {
        /// Cedar source, or the name of a pack.
        what: Option<String>,
    },
    /// Write a file in the usual form, to standard output.
    #[command(after_help = "Example: parlance rules format my-rules.cedar > tidy.cedar")]
    Format {
        /// Cedar source.
        file: PathBuf,
    },
    /// Propose a file as your own rules; you decide in the signer's prompt.
    #[command(after_help = "Example: parlance rules propose my-rules.cedar")]
    Propose {
        /// Cedar source of all your own rules.
        file: PathBuf,
    },
    /// Propose another pack; you decide in the signer's prompt.
    #[command(after_help = "Example: parlance rules pack everyday")]
    Pack {
        /// cautious, everyday, agent-micropayments, savings or paranoid.
        name: String,
    },
}

#[derive(Subcommand)]
pub enum Audit {
    /// Check the hash chain from the first entry to the last.
    #[command(after_help = "Example: parlance audit verify")]
    Verify {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write all entries to standard output, one a line.
    #[command(after_help = "Example: parlance audit export > audit.jsonl")]
    Export,
}

#[derive(Subcommand)]
pub enum Vault {
    /// Make a wallet: a new phrase with a checked backup, or an import.
    #[command(after_help = "Example: parlance vault create")]
    Create,
    /// Bring in a phrase, key or keystore.
    Import,
    /// Add the next account of the phrase.
    AddAccount,
    /// Add an account without a key.
    Watch,
    /// Show the phrase or a key, or write a keystore file.
    Export,
    /// Write an encrypted backup of keys, rules and contacts.
    Backup,
    /// Restore such a backup.
    Restore,
    /// Change the password.
    Password,
    /// Lock at once and list what can be revoked.
    Incident,
    /// Propose a price for the signer's own price book; you decide in its prompt.
    #[command(
        after_help = "Example: parlance vault price --chain 1 2950.50\nWithout a fresh price in its book the signer asks for more than a click."
    )]
    Price {
        /// Dollars for one whole unit.
        dollars: String,
        /// EIP-155 chain id.
        #[arg(long)]
        chain: u64,
        /// Token contract; the network's own coin without it.
        #[arg(long)]
        token: Option<Address>,
    },
    /// Propose a token for the signer's registry; you decide in its prompt.
    #[command(after_help = "Example: parlance vault token --chain 8453 --symbol XYZ --decimals 18 0x...")]
    Token {
        /// Token contract.
        token: Address,
        /// EIP-155 chain id.
        #[arg(long)]
        chain: u64,
        /// Symbol.
        #[arg(long)]
        symbol: String,
        /// Decimals of its smallest unit.
        #[arg(long)]
        decimals: u8,
    },
    /// Give back what a signature reserved that never took effect; you decide in the signer's prompt.
    #[command(after_help = "Example: parlance vault release 0x... (the digest, from parlance audit export)")]
    Release {
        /// Digest that was signed.
        digest: B256,
    },
    /// Propose the next nonce of an account that another wallet uses too; you decide in the signer's prompt.
    #[command(after_help = "Example: parlance vault nonce --chain 1 --next 42 0x...")]
    Nonce {
        /// Account.
        account: Address,
        /// EIP-155 chain id.
        #[arg(long)]
        chain: u64,
        /// The chain's count of the account's transactions.
        #[arg(long)]
        next: u64,
    },
    /// Acknowledge that the ledger was rolled back or lost; takes the password.
    AcknowledgeRollback,
    /// How the signer stands: accounts, lock, sandbox, limits.
    #[command(after_help = "Example: parlance vault status --json")]
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(ClapArgs)]
pub struct History {
    /// As CSV, to standard output.
    #[arg(long)]
    pub csv: bool,
    /// today, last_week, 30d, 2026-03...
    #[arg(long)]
    pub period: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Args::command().debug_assert();
    }
}
