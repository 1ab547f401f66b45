//! Which command goes where: to a session with the signer, or straight to a program that needs none.

use std::{ffi::OsString, path::PathBuf};

use crate::error::LaunchError;

pub const HELP: &str = "\
Parlance: a wallet that you talk to.

Usage: parlance [COMMAND] [--data DIR]

  parlance                     the desktop app; where there is no display, talk in the terminal
  parlance chat [--json]       talk; with --json one message a line in, one event a line out
  parlance understand          what messages mean, JSON Lines in and out; needs no signer and no network
  parlance dev up|down|status  a local world with play money: a chain with real contracts and a funded wallet
  parlance rules show|check FILE|test DIR|explain|format FILE|propose FILE|pack NAME
                               the permission rules: in force, validated, tested, in sentences
  parlance audit verify|export the signer's hash-chained log
  parlance vault create|import|add-account|watch|export|backup|restore|password|incident|status
                 price|token|release|nonce|acknowledge-rollback
                               the keys; everything secret is typed in the signer's own prompt
  parlance history [--csv]     what happened, also as CSV
  parlance prove --at-least AMOUNT
                               prove to a lender that a bank balance is at least so much
  parlance loan status|apply AMOUNT|draw AMOUNT|repay AMOUNT
                               credit lines on such proofs
  parlance lenders list|add URL|remove NAME
  parlance banks list|add BANK|remove BANK
  parlance models list|add|use|exam|...   language models
  parlance completions SHELL   completion script for bash, zsh or fish

  --data DIR   the folder of this wallet (default: $XDG_DATA_HOME/parlance)
  --help       also after a command: parlance chat --help

Example: parlance dev up && parlance chat --data ~/.local/share/parlance-dev
Exit codes: 0 done, 1 refused or failed, 2 wrong usage.";

/// What to start.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Version,
    /// The desktop app where there is a display, else the terminal.
    Front {
        data: Option<PathBuf>,
    },
    /// The wallet process, with a signer.
    Signed {
        data: Option<PathBuf>,
        wallet: Vec<OsString>,
    },
    /// A program that needs no signer.
    Plain {
        program: &'static str,
        args: Vec<OsString>,
    },
    /// Language models: the wallet's folder, and no signer.
    Models {
        data: Option<PathBuf>,
        args: Vec<OsString>,
    },
    /// The local world.
    Dev {
        data: Option<PathBuf>,
        args: Vec<OsString>,
    },
}

/// Commands of `parlance-wallet` that talk to the signer.
const SIGNED: &[&str] = &["chat", "audit", "vault", "history", "prove", "loan", "lenders", "banks"];
/// Commands of `parlance-wallet` that do not.
const PLAIN: &[&str] = &["understand", "completions"];

pub fn parse(args: impl Iterator<Item = OsString>) -> Result<Command, LaunchError> {
    let mut data = None;
    let mut rest = Vec::new();
    let mut args = args.peekable();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        if text == "--data" {
            let Some(dir) = args.next() else {
                return Err(LaunchError::Usage("--data without a folder; expected: --data DIR".into()));
            };
            data = Some(PathBuf::from(dir));
        } else if let Some(dir) = text.strip_prefix("--data=") {
            data = Some(PathBuf::from(dir));
        } else {
            rest.push(arg);
        }
    }
    let name = rest.first().map(|a| a.to_string_lossy().into_owned()).unwrap_or_default();
    let second = rest.get(1).map(|a| a.to_string_lossy().into_owned()).unwrap_or_default();
    let asks_help = rest.iter().any(|a| a == "--help" || a == "-h");
    Ok(match name.as_str() {
        "" => Command::Front { data },
        "--help" | "-h" | "help" => Command::Help,
        "--version" | "-V" => Command::Version,
        "dev" => Command::Dev { data, args: rest.split_off(1) },
        _ if asks_help && (SIGNED.contains(&name.as_str()) || name == "rules") => Command::Plain { program: "parlance-wallet", args: rest },
        "rules" if matches!(second.as_str(), "show" | "propose" | "pack") => Command::Signed { data, wallet: rest },
        "rules" => Command::Plain { program: "parlance-wallet", args: rest },
        n if SIGNED.contains(&n) => Command::Signed { data, wallet: rest },
        "models" => Command::Models { data, args: rest },
        n if PLAIN.contains(&n) => Command::Plain { program: "parlance-wallet", args: rest },
        _ => {
            return Err(LaunchError::Usage(format!(
                "unknown command {name:?}; expected one of: chat, understand, dev, rules, audit, vault, history, prove, loan, lenders, banks, models, completions"
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Command {
        parse(line.split_whitespace().map(OsString::from)).expect("valid")
    }

    #[test]
    fn each_command_goes_to_the_process_that_it_needs() {
        assert_eq!(parsed(""), Command::Front { data: None });
        assert_eq!(parsed("--data /d"), Command::Front { data: Some("/d".into()) });
        assert_eq!(
            parsed("chat --json --data /d"),
            Command::Signed { data: Some("/d".into()), wallet: vec!["chat".into(), "--json".into()] }
        );
        assert_eq!(
            parsed("--data=/d rules show"),
            Command::Signed { data: Some("/d".into()), wallet: vec!["rules".into(), "show".into()] }
        );
        assert!(matches!(parsed("rules check f"), Command::Plain { .. }));
        assert!(matches!(parsed("rules propose f"), Command::Signed { .. }));
        assert!(matches!(parsed("understand --model m"), Command::Plain { program: "parlance-wallet", .. }));
        assert_eq!(
            parsed("models list --data /d"),
            Command::Models { data: Some("/d".into()), args: vec!["models".into(), "list".into()] }
        );
        assert!(matches!(parsed("chat --help"), Command::Plain { .. }));
        assert!(matches!(parsed("prove --at-least 10000"), Command::Signed { .. }));
        assert!(matches!(parsed("lenders add --help"), Command::Plain { .. }));
        assert_eq!(parsed("dev up --json --data /d"), Command::Dev { data: Some("/d".into()), args: vec!["up".into(), "--json".into()] });
    }

    #[test]
    fn wrong_usage_says_what_was_expected() {
        for line in ["--data", "frobnicate"] {
            let error = parse(line.split_whitespace().map(OsString::from)).expect_err("wrong");
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("expected"), "{error}");
        }
    }
}
