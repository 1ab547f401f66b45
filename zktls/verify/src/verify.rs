//! The whole of a proof file.

use parlance_zktls_protocol::{ProofFile, Recording, Template};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::session::note_session;
use crate::trust::{check_key, check_nullifier};
use crate::{CheckName, Expectation, ProofSystem, PublicInputs, Registry, Report, Trust};

/// Checks everything that can be checked; the report is accepted only when nothing is missing and all holds.
#[must_use]
pub fn verify(file: &ProofFile, trust: &Trust, expected: &Expectation, registry: &dyn Registry, proofs: &dyn ProofSystem) -> Report {
    let mut report = Report::new();
    let recording = &file.notarized.recording;

    let key = trust.check_signature(&file.notarized);
    let key = report.note(CheckName::NotarySignature, key, |key| format!("The recording is signed by the notary of {}.", key.operator));
    if let Some(key) = key {
        report.note(CheckName::NotaryKey, check_key(key, recording), |()| "The notary's key was valid at that time.".into());
    }
    report.note(CheckName::Session, expected.check_session(file), |()| {
        "The session was opened for this borrower, chain, contract, nonce and offer, before the bank was dialled.".into()
    });
    report.note(CheckName::Age, expected.check_age(recording), |age| format!("The session is {age} seconds old."));
    report.note(CheckName::Address, trust.check_address(recording.address), |()| format!("The notary dialled {}.", recording.address));

    let facts = note_session(&mut report, recording, &file.shts, file.tickets, &trust.roots);

    let template = report.note(CheckName::Template, trust.template(file), |template| {
        format!("The template {} {} is accepted by the lender.", template.id, template.version)
    });
    report.note(CheckName::Claim, expected.check_claim(&file.claim), |()| {
        "Threshold, currency and scope are what the offer asks for.".into()
    });
    report.note(CheckName::Nullifier, check_nullifier(registry, file), |()| "The account backs no other borrower's line.".into());

    if let (Some(facts), Some(template)) = (facts, template) {
        report.visible = visible(file, &facts);
        let public = PublicInputs::new(file, facts, template);
        let public = report.note(CheckName::Request, public, |public| {
            format!("The request has {} bytes, as the template and its hidden parts have.", public.shape.slots.len())
        });
        if let Some(public) = public {
            report.note(CheckName::Proof, proofs.verify(&public, &file.proof), |()| "The proof holds.".into());
            report.statement = Some(statement(file, template));
        }
    }
    let mut report = report.close(&CheckName::ALL);
    if !report.accepted {
        report.statement = None;
    }
    report
}

fn statement(file: &ProofFile, template: &Template) -> String {
    let recording = &file.notarized.recording;
    let scale = usize::from(template.response.balance.scale);
    let unit = 10u64.pow(template.response.balance.scale.into());
    let (whole, part) = (file.claim.at_least / unit, file.claim.at_least % unit);
    let amount = if scale == 0 { whole.to_string() } else { format!("{whole}.{part:0scale$}") };
    let currency = String::from_utf8_lossy(&file.claim.currency);
    let when = span(recording);
    format!("{when}, {} answered a login with an account whose balance was at least {amount} {currency}.", recording.domain)
}

/// `On 29 November 2026, 00:24:02 UTC`; with both ends where a session took longer than a second.
fn span(recording: &Recording) -> String {
    match (recording.opened, recording.closed) {
        (opened, closed) if opened == closed => format!("On {}", moment(opened)),
        (opened, closed) => format!("Between {} and {}", moment(opened), moment(closed)),
    }
}

/// Unix seconds in words.
fn moment(unix: u64) -> String {
    let format = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute]:[second] UTC");
    let at = i64::try_from(unix).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    at.and_then(|at| at.format(&format).ok()).unwrap_or_else(|| format!("{unix} s of Unix time"))
}

/// Said wherever a proof is shown.
fn visible(file: &ProofFile, facts: &crate::SessionFacts) -> Vec<String> {
    let recording = &file.notarized.recording;
    let lengths: Vec<String> = facts.response.iter().map(|record| record.content_length().to_string()).collect();
    vec![
        format!("The bank: {}.", recording.domain),
        format!("The time: {} to {}.", moment(recording.opened), moment(recording.closed)),
        format!("The answer's exact length ({} bytes by record), which on short answers tells the number of digits.", lengths.join(", ")),
        "Notary and lender together can link wallet, internet address, bank and time.".into(),
    ]
}
