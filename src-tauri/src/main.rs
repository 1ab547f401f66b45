//! `parlance-desktop`: started by the launcher with its sockets to the signer.

use std::process::ExitCode;

use clap::Parser;
use parlance_desktop::{Place, run};

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).with_writer(std::io::stderr).init();
    match run(Place::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("parlance-desktop: {e}\n{}", e.remedy());
            ExitCode::FAILURE
        }
    }
}
