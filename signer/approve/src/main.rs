//! The approver: shows what the signer decoded and takes the owner's answer.
//!
//! Started by the launcher with one socket to the signer. It holds nothing, decides nothing and knows nothing but
//! what the signer asks it to show. Here it speaks on the controlling terminal; there is no flag that answers for
//! the owner.

mod error;
mod render;
mod terminal;
mod tty;

use std::{os::fd::RawFd, process::ExitCode};

use clap::Parser;
use error::ApproveError;
use parlance_signer_protocol::{
    ProtocolError,
    approver::{Answer, Ask, Hello, Verdict},
    inherited_socket, read_frame, write_frame,
};
use zeroize::Zeroize;

/// Shows what the signer is about to sign and takes your answer. Started by `parlance`, not by hand.
#[derive(Parser)]
#[command(name = "parlance-approve", version)]
struct Args {
    /// Descriptor of the socket to the signer.
    #[arg(long)]
    signer_fd: RawFd,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("parlance-approve: {e}\n{}", e.remedy());
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), ApproveError> {
    // Passwords pass through here. What the kernel refuses to give is the signer's to report, of itself.
    let _held = parlance_sandbox::close_memory();
    // Ctrl-C in the shared terminal is the wallet's to handle; while a question is open it is read as "no".
    let interrupted = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, interrupted)?;

    let mut signer = inherited_socket(args.signer_fd)?;
    let mut terminal = terminal::Terminal::open();
    let kind = if terminal.is_ok() { "terminal" } else { "none" };
    write_frame(&mut signer, &Hello { kind: kind.into() })?;
    loop {
        let ask: Ask = match read_frame(&mut signer) {
            Ok(ask) => ask,
            Err(ProtocolError::Closed) => return Ok(()),
            Err(e) => return Err(e.into()),
        };
        let verdict = match &mut terminal {
            Ok(terminal) => terminal.ask(&ask, &signer)?,
            Err(e) => Verdict::Unavailable { reason: e.to_string() },
        };
        let mut answer = Answer { id: ask.id, verdict };
        let sent = write_frame(&mut signer, &answer);
        forget(&mut answer.verdict);
        match sent {
            Err(ProtocolError::Io(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => {
                return Ok(());
            }
            other => other?,
        }
    }
}

fn forget(verdict: &mut Verdict) {
    match verdict {
        Verdict::Secret { text } => text.zeroize(),
        Verdict::Approved { password: Some(text) } => text.zeroize(),
        _ => {}
    }
}
