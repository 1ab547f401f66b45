//! One wish from the command line, carried out as in a conversation: the same events, questions and approvals.

use std::{io::IsTerminal, pin::Pin, process::ExitCode, sync::Arc, time::Duration};

use parlance_grounding::{Intent, Message};
use parlance_wallet_core::{
    Result as WalletResult, Wallet, WalletError,
    conversation::{Conversation, State, Understanding, Understood},
    view::ProofView,
};
use tokio::sync::mpsc::unbounded_channel;
use zeroize::Zeroizing;

use crate::{args::Place, chat, error::CliError, open};

/// Title of the conversation that keeps what was done from the command line.
const TITLE: &str = "Command line";

/// How long a receipt is waited for.
const RECEIPT: Duration = Duration::from_secs(120);

/// What came of it.
pub struct Outcome {
    /// The wallet, for what is to be done after it.
    pub wallet: Arc<Wallet>,
    /// The last proof that was made.
    pub proof: Option<ProofView>,
    /// True where anything failed or was refused.
    pub failed: bool,
}

impl Outcome {
    /// For the shell.
    pub fn code(&self) -> ExitCode {
        if self.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// Carry out an intent; `login` is an account id and token for its proof. Questions that take a yes or a no are asked on the
/// terminal, where there is one and no program listens.
pub async fn act(place: &Place, intent: Intent, json: bool, login: Option<(String, Zeroizing<String>)>) -> Result<Outcome, CliError> {
    let (wallet, warning) = open::wallet(place)?;
    if let Some(warning) = warning {
        eprintln!("{warning}");
    }
    let wallet = Arc::new(wallet);
    let known = wallet.store.conversations()?.into_iter().find(|c| c.title == TITLE);
    let id = match known {
        Some(known) => known.id,
        None => wallet.store.start_conversation(TITLE)?.id,
    };
    let (events, heard) = unbounded_channel();
    let printer = tokio::spawn(chat::print(heard, json));
    let mut conversation = Conversation::open(Arc::clone(&wallet), Arc::new(Deaf), Some(id), events).await?;
    if let Some((account, token)) = login {
        conversation = conversation.with_login(account, token);
    }
    let mut next = Some(intent);
    while let Some(intent) = next.take() {
        tokio::select! {
            () = conversation.act(intent) => {}
            () = interrupted(&wallet, id) => println!("Stopped waiting. What was signed and sent goes on."),
        }
        if matches!(conversation.state(), State::Hesitating { .. } | State::Resuming { .. } | State::AskingPublic { .. }) {
            next = answer(json).await?;
        }
    }
    let failed = !matches!(conversation.state(), State::Idle);
    // Nobody comes back to a question of a command that is over.
    if matches!(conversation.state(), State::Asking { .. } | State::Hesitating { .. } | State::Resuming { .. } | State::Refused { .. }) {
        wallet.store.clear_pending(id)?;
    }
    drop(conversation);
    // A receipt may still be to come: it is waited for, but not for ever.
    let heard = tokio::select! {
        heard = tokio::time::timeout(RECEIPT, printer) => heard.ok().and_then(Result::ok),
        _ = tokio::signal::ctrl_c() => None,
    };
    let complete = heard.is_some();
    let heard = heard.unwrap_or_default();
    let accepted = heard.proof.as_ref().is_none_or(|proof| proof.accepted);
    Ok(Outcome { wallet, proof: heard.proof, failed: failed || heard.failed || !accepted || !complete })
}

/// Ctrl-C first stops what can be stopped, which then tells so itself; where there is nothing of the kind, this ends.
pub async fn interrupted(wallet: &Wallet, conversation: i64) {
    loop {
        // Without signals there is no Ctrl-C either.
        if tokio::signal::ctrl_c().await.is_err() {
            return std::future::pending().await;
        }
        if !wallet.stop(conversation) {
            return;
        }
    }
}

/// The person's yes or no; nothing where nobody can be asked.
async fn answer(json: bool) -> Result<Option<Intent>, CliError> {
    if json || !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    // Let what was told be printed before the prompt.
    tokio::time::sleep(Duration::from_millis(30)).await;
    let line = tokio::task::spawn_blocking(|| {
        print!("yes or no? ");
        std::io::Write::flush(&mut std::io::stdout())?;
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    let line = tokio::select! {
        line = line => line.map_err(|e| CliError::Terminal(e.to_string()))??,
        _ = tokio::signal::ctrl_c() => return Ok(None),
    };
    Ok(Some(if matches!(line.trim().to_lowercase().as_str(), "y" | "yes") { Intent::Confirm {} } else { Intent::Cancel {} }))
}

/// The command line says what it means.
struct Deaf;

impl Understanding for Deaf {
    fn understand<'a>(&'a self, _: &'a Message) -> Pin<Box<dyn Future<Output = WalletResult<Understood>> + Send + 'a>> {
        Box::pin(async { Err(WalletError::Task("there is no language model behind this command".into())) })
    }
}
