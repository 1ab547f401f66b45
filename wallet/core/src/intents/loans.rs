//! How the person's credit lines stand, and which proofs still count.

use serde_json::json;

use crate::{
    Wallet,
    conversation::Event,
    credit,
    error::Result,
    store::{ProofRecord, now},
    view,
};

/// Most proofs that are told.
const SHOWN: usize = 5;

pub(super) async fn status(wallet: &Wallet) -> Result<Event> {
    let account = wallet.signer.account().await?;
    let read = credit::lines(wallet, account).await?;
    let proofs = wallet.store.proofs()?;
    let counting: Vec<&ProofRecord> = proofs.iter().filter(|p| p.accepted() && p.expires_at() > now()).take(SHOWN).collect();
    let mut said: Vec<String> = read.lines.iter().map(credit::line_words).collect();
    if said.is_empty() {
        said.push("You have no credit line yet. \"lend me 500 usdc\" asks for one; you then prove a bank balance to a lender.".into());
    }
    if let Some(problem) = &read.problem {
        said.push(format!("This is how it was read last: {problem}."));
    }
    for proof in &counting {
        said.push(format!("Proved to {}: {} It counts until {}.", proof.lender, credit::claim(proof), credit::moment(proof.expires_at())));
    }
    let lines: Vec<_> = read.lines.iter().map(|line| view::line_view(wallet, line, &proofs)).collect();
    let proofs = counting.into_iter().map(|proof| view::proof_view(wallet, proof)).collect::<Result<Vec<_>>>()?;
    Ok(Event::Say { text: said.join("\n"), data: json!({ "lines": lines, "proofs": proofs }) })
}
