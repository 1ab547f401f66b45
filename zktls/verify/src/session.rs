//! The checks of one recorded TLS session.

use parlance_zktls_protocol::{Direction, Recording, Suite};
use rustls_pki_types::CertificateDer;

use crate::accounting::{self, Ciphertext};
use crate::hello::{self, Client};
use crate::records::{self, Side};
use crate::{CheckName, Report, VerifyError, certificate, flight};

/// What a session is about. Worth something only when the report that came with it is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    /// The suite.
    pub suite: Suite,
    /// Whether there was a HelloRetryRequest.
    pub retried: bool,
    /// Hash of the handshake up to the ServerHello.
    pub th1: [u8; 32],
    /// Hash of the handshake up to the server's Finished.
    pub th2: [u8; 32],
    /// The client's application records: the request.
    pub request: Vec<Ciphertext>,
    /// The server's records before the response, to be proved tickets.
    pub tickets: Vec<Ciphertext>,
    /// The server's records from the response's first on, with what follows it (such as a final alert).
    pub response: Vec<Ciphertext>,
}

/// Checks a session alone: what a prover does before it makes a proof.
#[must_use]
pub fn examine(recording: &Recording, shts: &[u8; 32], tickets: u8, roots: &[CertificateDer<'static>]) -> (Report, Option<SessionFacts>) {
    let mut report = Report::new();
    let facts = note_session(&mut report, recording, shts, tickets, roots);
    (report.close(&CheckName::SESSION), facts)
}

pub(crate) fn note_session(
    report: &mut Report,
    recording: &Recording,
    shts: &[u8; 32],
    tickets: u8,
    roots: &[CertificateDer<'static>],
) -> Option<SessionFacts> {
    let sides = both_sides(recording);
    let (client, server) = report.note(CheckName::Records, sides, |(client, server)| {
        format!("Both streams are whole TLS records: {} protected ones sent, {} received.", client.protected.len(), server.protected.len())
    })?;

    let hello = Client::read(&client.hellos, &recording.domain);
    let hello = report.note(CheckName::ClientHello, hello, |_| {
        format!("The client asked {} for TLS 1.3 with a fresh key exchange: no resumption, no early data.", recording.domain)
    })?;
    let agreed = hello::agree(&server.hellos, &hello);
    let agreed = report.note(CheckName::ServerHello, agreed, |agreed| {
        let retry = if agreed.retried { " after asking for another key share" } else { "" };
        format!("The server agreed{retry}, with {}.", agreed.suite.name())
    })?;

    let flight = flight::open(&server.protected, agreed.suite, shts, &agreed.transcript);
    let flight = report.note(CheckName::Flight, flight, |flight| {
        format!("The server's handshake ({} records) decrypts under the disclosed secret and asks for nothing else.", flight.records)
    })?;
    let chain = certificate::check_chain(&flight, &recording.domain, roots, recording.opened);
    report.note(CheckName::Certificate, chain, |()| {
        format!("The certificate belongs to {} and led to a trusted root when the session was opened.", recording.domain)
    });
    report.note(CheckName::CertificateVerify, certificate::check_signature(&flight, &hello.last().schemes), |()| {
        "The certificate's key signed this handshake.".into()
    });
    report.note(CheckName::Finished, flight.check_finished(shts), |()| "The server confirmed the whole handshake (Finished).".into());

    let request = report.note(CheckName::RequestRecords, accounting::request(&client.protected), |request| {
        format!("The client sent {} records after the handshake, all of them the request, and at most a final alert.", request.len())
    });
    let rest = server.protected.get(flight.records..).unwrap_or_default();
    let response = report.note(CheckName::ResponseRecords, accounting::response(rest, tickets.into()), |(skipped, response)| {
        format!("The server sent {} records before the response, to be proved tickets, and {} from it on.", skipped.len(), response.len())
    });
    let (request, (skipped, response)) = (request?, response?);
    report.note(CheckName::Order, accounting::check_order(request, response), |()| {
        "The whole request was sent before the response began.".into()
    });
    Some(SessionFacts {
        suite: agreed.suite,
        retried: agreed.retried,
        th1: agreed.transcript.hash(),
        th2: flight.th2,
        request: accounting::ciphertexts(request, 0),
        tickets: accounting::ciphertexts(skipped, 0),
        response: accounting::ciphertexts(response, skipped.len()),
    })
}

fn both_sides(recording: &Recording) -> Result<(Side, Side), VerifyError> {
    let side = |direction| records::split(direction, records::records(recording, direction)?);
    Ok((side(Direction::ToBank)?, side(Direction::ToClient)?))
}
