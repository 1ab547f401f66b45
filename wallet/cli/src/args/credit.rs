//! Proofs, loans, lenders and banks.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(ClapArgs)]
pub struct Prove {
    /// The balance, in units of the currency.
    #[arg(long, value_name = "AMOUNT")]
    pub at_least: String,
    /// USD, EUR...; the lender's own where it has one only.
    #[arg(long)]
    pub currency: Option<String>,
    /// Name of the lender; may be left out where there is one only.
    #[arg(long)]
    pub lender: Option<String>,
    /// Template or name of the bank; may be left out where there is one login only.
    #[arg(long)]
    pub bank: Option<String>,
    /// Also write the proof's file there; never over another one.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Read the bank's token from standard input, for this proof only; needs --bank.
    #[arg(long, requires = "bank")]
    pub token_stdin: bool,
    /// Account id that goes with such a token, where the bank asks for one.
    #[arg(long, value_name = "ID", requires = "token_stdin")]
    pub account: Option<String>,
    /// One event a line.
    #[arg(long)]
    pub json: bool,
}

#[derive(Subcommand)]
pub enum Loan {
    /// How the lines stand.
    #[command(after_help = "Example: parlance loan status --json")]
    Status {
        /// One event a line; the lines stand in its data.
        #[arg(long)]
        json: bool,
    },
    /// Ask a lender for a credit line; what has to be proved for it is told.
    #[command(after_help = "Example: parlance loan apply 500 --lender Maple")]
    Apply {
        /// In units of what is lent, or max.
        amount: String,
        /// What is lent, for example USDC.
        #[arg(long)]
        asset: Option<String>,
        /// Name of the lender; may be left out where there is one only.
        #[arg(long)]
        lender: Option<String>,
        /// One event a line.
        #[arg(long)]
        json: bool,
    },
    /// Draw from a line to your own account.
    #[command(after_help = "Example: parlance loan draw 200")]
    Draw {
        /// In units of what is lent, a percentage of what is left, or max.
        amount: String,
        /// What is lent, where there are lines in several assets.
        #[arg(long)]
        asset: Option<String>,
        /// One event a line.
        #[arg(long)]
        json: bool,
    },
    /// Repay what was drawn, with its interest.
    #[command(after_help = "Example: parlance loan repay all")]
    Repay {
        /// In units of what is lent, a percentage of what is owed, or all.
        amount: String,
        /// What is lent, where there are lines in several assets.
        #[arg(long)]
        asset: Option<String>,
        /// One event a line.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub enum Lenders {
    /// The lenders that are known, and what they offer now.
    #[command(after_help = "Example: parlance lenders list --json")]
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ask a lender who it is, and add it.
    #[command(after_help = "Example: parlance lenders add https://lender.example")]
    Add {
        /// Its address: https, or http on this computer.
        url: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Forget a lender; proofs and lines stay.
    #[command(after_help = "Example: parlance lenders remove Maple")]
    Remove {
        /// Its name.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub enum Banks {
    /// The banks that can be asked, and the logins that are kept.
    #[command(after_help = "Example: parlance banks list --json")]
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Keep a login in the keyring of this computer; its token is typed without being shown, or comes from standard input.
    #[command(after_help = "Example: parlance banks add starling --account 7c9e6679-7425-40de-944b-e07fc1f90ae7\n\
        Example: pass bank/starling | parlance banks add starling --account 7c9e... --token-stdin")]
    Add {
        /// Template or name of the bank.
        bank: String,
        /// Account id, where the bank asks for one.
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// Read the token from standard input.
        #[arg(long)]
        token_stdin: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Forget a login.
    #[command(after_help = "Example: parlance banks remove starling")]
    Remove {
        /// Template or name of the bank.
        bank: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}
