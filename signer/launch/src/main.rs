//! `parlance`: starts signer and approver first, in a cleaned environment and with pipes that nobody else holds,
//! then the wallet process with its one socket to the signer. It holds nothing after that but the keyring's side of
//! the signer's generation counter.

mod command;
mod data;
mod dev;
mod environment;
mod error;
mod programs;
mod secrets;
mod service;
mod session;
mod strays;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, atomic::AtomicBool};

use command::{Command, HELP};
use error::{LaunchError, Trying};

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(e) => {
            eprintln!("parlance: {e}\n{}", e.remedy());
            ExitCode::from(e.exit_code())
        }
    }
}

fn run() -> Result<u8, LaunchError> {
    match command::parse(std::env::args_os().skip(1))? {
        Command::Help => {
            println!("{HELP}");
            Ok(0)
        }
        Command::Version => {
            println!("parlance {}", env!("CARGO_PKG_VERSION"));
            Ok(0)
        }
        Command::Front { data } => session::front(data),
        Command::Signed { data, wallet } => session::run(data, &session::Front::Terminal(&wallet)),
        Command::Plain { program, args } => programs::run(program, &args, environment::Profile::Wallet),
        Command::Models { data, args } => models(data, args),
        Command::Dev { args, data } => dev::run(&args, data),
    }
}

/// Models lie in the wallet's folder; neither its lock nor its signer is needed for them.
fn models(data: Option<PathBuf>, mut args: Vec<OsString>) -> Result<u8, LaunchError> {
    let folder = match data {
        Some(dir) => std::path::absolute(dir).trying("reading the name of the data folder")?,
        None => data::default_folder("parlance")?,
    };
    args.extend(["--data".into(), folder.into()]);
    // Ctrl-C stops a download, which then says what is kept.
    let interrupted = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, interrupted).trying("handling Ctrl-C")?;
    programs::run("parlance-wallet", &args, environment::Profile::Wallet)
}
