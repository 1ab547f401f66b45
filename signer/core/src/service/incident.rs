//! The incident button: lock at once, then say what can be revoked.

use parlance_effects::{AllowanceVia, AssetKind};
use parlance_signer_protocol::approver::Prompt;
use parlance_signer_protocol::{Refusal, RefusalCode};
use serde_json::json;

use super::custody::Custody;
use super::{Deadline, Service, refusal};

/// How long the list of what can be revoked stays, seconds.
const LIST_SECONDS: u32 = 120;

impl Service {
    /// Lock, close every other question, show what can be revoked; the same in words.
    pub(super) fn incident(&self, origin: &str, deadline: Deadline) -> Result<String, Refusal> {
        self.in_flight.incident(deadline.ticket);
        let lines = {
            let mut custody = self.lock_custody();
            custody.note(json!({"event": "incident", "origin": origin}));
            custody.lock("the incident button was pressed").map_err(refusal::of)?;
            custody.revocable()
        };
        let mut said = vec!["The wallet is locked. Nothing more is signed until you unlock it.".to_owned()];
        if lines.is_empty() {
            said.push("This signer has granted no allowance that is still open.".into());
        } else {
            said.push("Still open, and to be revoked once you trust this computer again:".into());
            said.extend(lines);
        }
        // Locked is what counts; that nobody sees the list in time is no failure.
        let prompt = Prompt::Notice { title: "Incident".into(), lines: said.clone() };
        let shown = self.clock.boot_ms().saturating_add(u64::from(LIST_SECONDS) * 1000);
        let _shown = self.ask(prompt, LIST_SECONDS, Deadline { at_ms: shown, ..deadline });
        Ok(said.join("\n"))
    }

    /// The owner answered a question with the incident button: what whoever asked it hears.
    pub(super) fn incident_button(&self, deadline: Deadline) -> Refusal {
        match self.incident("approver", deadline) {
            Ok(said) => refusal::refuse(RefusalCode::Rejected, "you said no and locked everything", said),
            Err(failed) => failed,
        }
    }
}

impl Custody {
    /// Allowances and payments by signature that could still be used, a line each.
    pub(super) fn revocable(&self) -> Vec<String> {
        let name = |asset: &parlance_policy::AssetId| match asset.kind {
            AssetKind::Native => "the chain's coin".to_owned(),
            AssetKind::Token(token) => {
                let known = self.registry.token(asset.chain, token).map(|t| t.symbol.clone());
                known.unwrap_or_else(|| format!("the token {}", token.to_checksum(None)))
            }
        };
        let grants = self.book.ledger.live_grants().map(|g| {
            let via = match g.via {
                AllowanceVia::Erc20 => "allowance",
                AllowanceVia::Eip2612 => "permit",
                AllowanceVia::Permit2 => "Permit2 allowance",
            };
            let who = self.book.contact(g.spender).map(|c| c.name.clone());
            let who = who.or_else(|| self.registry.label(g.asset.chain, g.spender).map(str::to_owned));
            let who = who.map(|w| format!("{w}, ")).unwrap_or_default();
            format!(
                "{via} of {} on chain {} to {who}{} from {}",
                name(&g.asset),
                g.asset.chain,
                g.spender.to_checksum(None),
                g.account.to_checksum(None)
            )
        });
        let now = self.time.now();
        let signatures = self.book.ledger.entries().filter(|(e, released)| {
            !released && e.nonce.is_none() && !e.spends.is_empty() && e.grants.is_empty() && e.until.is_none_or(|u| u > now)
        });
        let signatures = signatures.map(|(e, _)| format!("payment by signature {} from {}", e.digest, e.account.to_checksum(None)));
        grants.chain(signatures).collect()
    }
}
