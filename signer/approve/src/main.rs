//! The approver: shows what the signer decoded and takes the owner's answer.
//!
//! Started by the launcher with one socket to the signer. It holds nothing, decides nothing and knows nothing but
//! what the signer asks it to show. It asks in a window of its own or on the controlling terminal; there is no flag
//! that answers for the owner.

mod error;
mod render;
mod terminal;
mod tty;
mod window;

use std::{
    os::{fd::RawFd, unix::net::UnixStream},
    process::ExitCode,
};

use clap::{Parser, ValueEnum};
use error::ApproveError;
use parlance_signer_protocol::{
    ProtocolError,
    approver::{Answer, Hello, ToApprover, Verdict},
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
    /// Ask in a window; on the terminal where none can be opened.
    #[arg(long)]
    window: bool,
    /// Colours of the window.
    #[arg(long, value_enum, default_value_t = Theme::System)]
    theme: Theme,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Theme {
    /// As the system says; light where it says nothing.
    System,
    Light,
    Dark,
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
    // Ctrl-C in the shared terminal is the wallet's to handle; while a question is open there it is read as "no".
    let interrupted = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, interrupted)?;

    let signer = inherited_socket(args.signer_fd)?;
    if args.window {
        let dark = match args.theme {
            Theme::System => None,
            theme => Some(theme == Theme::Dark),
        };
        match window::Window::open(dark) {
            Ok(window) => {
                greet(&signer, "window")?;
                return gone_is_no_error(window.serve(signer));
            }
            Err(e) => eprintln!("parlance-approve: {e}\nQuestions are asked on the terminal, if there is one."),
        }
    }
    on_terminal(signer)
}

fn greet(mut signer: &UnixStream, kind: &str) -> Result<(), ApproveError> {
    Ok(write_frame(&mut signer, &Hello { kind: kind.into() })?)
}

fn on_terminal(mut signer: UnixStream) -> Result<(), ApproveError> {
    let mut terminal = terminal::Terminal::open();
    greet(&signer, if terminal.is_ok() { "terminal" } else { "none" })?;
    loop {
        let ask = match read_frame(&mut signer) {
            Ok(ToApprover::Ask(ask)) => ask,
            // Of a question that was closed here already.
            Ok(ToApprover::Withdraw { .. } | ToApprover::Rest {}) => continue,
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
        if let Err(e) = sent {
            return gone_is_no_error(Err(e.into()));
        }
    }
}

/// The signer may end while somebody answers.
fn gone_is_no_error(result: Result<(), ApproveError>) -> Result<(), ApproveError> {
    match result {
        Err(ApproveError::Signer(ProtocolError::Closed)) => Ok(()),
        Err(ApproveError::Signer(ProtocolError::Io(e))) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn forget(verdict: &mut Verdict) {
    match verdict {
        Verdict::Secret { text } => text.zeroize(),
        Verdict::Approved { password: Some(text) } => text.zeroize(),
        _ => {}
    }
}
