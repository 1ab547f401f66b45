//! One session with the bank, from the request to the signed recording.

use std::fmt;
use std::time::Duration;

use parlance_zktls_protocol::relay::Opening;
use parlance_zktls_protocol::template::Filled;
use parlance_zktls_protocol::{Chunk, Commitment, Direction, Hole, Notarized, Template};
use parlance_zktls_verify::{SessionFacts, examine};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::answer::is_complete;
use crate::link::{Link, Notary};
use crate::tls::{Kept, Offer, Roots, Tls};
use crate::{HandshakeSecret, ProveError, Values};

/// What to ask, where, and for whom.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The bank and the request.
    pub template: &'a Template,
    /// The credential and the parameters.
    pub values: &'a Values,
    /// To the lender's session.
    pub commitment: Commitment,
    /// Whose relay is used.
    pub notary: &'a Notary,
    /// Roots that the bank's certificate may lead to: those that the lender trusts.
    pub roots: &'a Roots,
    /// What is offered to the bank.
    pub offer: Offer,
    /// Seconds for everything.
    pub patience: u64,
}

/// Where a session stands, for the person who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// To the notary.
    Connecting,
    /// With the bank.
    Handshake,
    /// The request is sent.
    Asking,
    /// The answer comes.
    Reading,
    /// The notary signs.
    Notarizing,
    /// The lender's checks are made on the recording.
    Checking,
}

impl Stage {
    /// In words.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting to the notary",
            Self::Handshake => "Connecting to the bank through the notary",
            Self::Asking => "Asking the bank",
            Self::Reading => "Reading the answer",
            Self::Notarizing => "Waiting for the notary's signature",
            Self::Checking => "Checking the recording as a lender would",
        }
    }
}

/// A session that can be proved.
pub struct BankSession {
    /// Signed by the notary.
    pub notarized: Notarized,
    /// What the lender's checks found in it: suite, transcript hashes, ciphertexts.
    pub facts: SessionFacts,
    /// All keys follow from it.
    pub secret: HandshakeSecret,
    /// The server handshake traffic secret, which the proof discloses to the lender.
    pub shts: Zeroizing<[u8; 32]>,
    /// The request with the credential in it.
    pub request: Zeroizing<Vec<u8>>,
    /// The request's hidden parts.
    pub holes: Vec<Hole>,
    /// The response from its first byte.
    pub response: Zeroizing<Vec<u8>>,
    /// How many records before the response are session tickets.
    pub tickets: u8,
}

impl fmt::Debug for BankSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankSession")
            .field("domain", &self.notarized.recording.domain)
            .field("suite", &self.facts.suite)
            .field("tickets", &self.tickets)
            .finish_non_exhaustive()
    }
}

/// Asks the bank. `progress` hears each stage once; `cancel` ends it at any time, and nothing is kept then.
pub async fn open(plan: &Plan<'_>, progress: impl FnMut(Stage), cancel: &CancellationToken) -> Result<BankSession, ProveError> {
    let whole = tokio::time::timeout(Duration::from_secs(plan.patience), run(plan, progress, cancel));
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(ProveError::Cancelled),
        done = whole => done.unwrap_or(Err(ProveError::TooLong(plan.patience))),
    }
}

async fn run(plan: &Plan<'_>, mut progress: impl FnMut(Stage), cancel: &CancellationToken) -> Result<BankSession, ProveError> {
    let mut enter = |stage| {
        progress(stage);
        // A stage that has nothing to wait for must not slip through.
        if cancel.is_cancelled() { Err(ProveError::Cancelled) } else { Ok(()) }
    };
    // All that can be refused without the network is refused first.
    let request = plan.values.request(plan.template)?;
    let tls = Tls::new(&plan.template.domain, plan.roots, &plan.offer)?;
    let opening = Opening { commitment: plan.commitment, domain: plan.template.domain.clone() };
    enter(Stage::Connecting)?;
    let link = Link::open(plan.notary, &opening).await?;
    let mut conversation = Conversation { link, tls, sent: Vec::new(), received: Vec::new(), bank_open: true };
    enter(Stage::Handshake)?;
    conversation.shake_hands().await?;
    enter(Stage::Asking)?;
    conversation.ask(&request.bytes).await?;
    enter(Stage::Reading)?;
    conversation.read().await?;
    enter(Stage::Notarizing)?;
    let notarized = conversation.close().await?;
    enter(Stage::Checking)?;
    plan.notary.check(&notarized)?;
    conversation.check(&notarized, &opening)?;
    finish(plan, request, conversation.tls.kept()?, notarized)
}

/// Both directions of the session, with the encrypted bytes that went by.
struct Conversation {
    link: Link,
    tls: Tls,
    sent: Vec<u8>,
    received: Vec<u8>,
    bank_open: bool,
}

impl Conversation {
    async fn send(&mut self, bytes: &[u8]) -> Result<(), ProveError> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.sent.extend_from_slice(bytes);
        self.link.send(bytes).await
    }

    /// Hands what comes from the bank to TLS.
    async fn receive(&mut self, during: &'static str) -> Result<(), ProveError> {
        if !self.bank_open {
            return Err(ProveError::Closed { during });
        }
        let bytes = self.link.receive().await?;
        self.bank_open = !bytes.is_empty();
        self.received.extend_from_slice(&bytes);
        self.tls.incoming(&bytes)
    }

    async fn shake_hands(&mut self) -> Result<(), ProveError> {
        loop {
            let bytes = self.tls.outgoing()?;
            self.send(&bytes).await?;
            if !self.tls.is_handshaking() {
                return Ok(());
            }
            self.receive("during the handshake").await?;
        }
    }

    async fn ask(&mut self, request: &[u8]) -> Result<(), ProveError> {
        let record = self.tls.ask(request)?;
        self.send(&record).await
    }

    async fn read(&mut self) -> Result<(), ProveError> {
        loop {
            let ended = self.tls.is_ended();
            if is_complete(self.tls.response(), ended)? {
                return Ok(());
            }
            if ended {
                return Err(ProveError::Closed { during: "before the answer was complete" });
            }
            self.receive("before the answer was complete").await?;
            // Only an update of keys makes a client speak here, and what follows it can't be proved.
            if !self.tls.outgoing()?.is_empty() {
                return Err(ProveError::Unprovable("the bank changed its keys during the answer".into()));
            }
        }
    }

    /// Says farewell; the notary's last message.
    async fn close(&mut self) -> Result<Notarized, ProveError> {
        let alert = self.tls.close()?;
        self.send(&alert).await?;
        self.link.send(&[]).await?;
        while self.bank_open {
            // Recorded, but no longer read.
            let bytes = self.link.receive().await?;
            self.bank_open = !bytes.is_empty();
            self.received.extend_from_slice(&bytes);
        }
        Ok(Notarized::decode(&self.link.receive().await?)?)
    }

    /// Whether the notary signed this session and no other.
    fn check(&self, notarized: &Notarized, opening: &Opening) -> Result<(), ProveError> {
        let recording = &notarized.recording;
        let stream = |direction| -> Vec<u8> {
            let chunks = recording.chunks.iter().filter(|chunk| chunk.direction == direction);
            chunks.flat_map(|Chunk { bytes, .. }| bytes).copied().collect()
        };
        let same = recording.commitment == opening.commitment
            && recording.domain == opening.domain
            && stream(Direction::ToBank) == self.sent
            && stream(Direction::ToClient) == self.received;
        if same {
            return Ok(());
        }
        Err(ProveError::Unexpected { got: "a recording of something else".into(), expected: "this session's bytes, bank and commitment" })
    }
}

/// The lender's checks on the TLS session, and that the handshake secret is the one behind it.
fn finish(plan: &Plan<'_>, request: Filled, kept: Kept, notarized: Notarized) -> Result<BankSession, ProveError> {
    let tickets = u8::try_from(kept.tickets).map_err(|_| ProveError::Unprovable(format!("{} session tickets", kept.tickets)))?;
    let (report, facts) = examine(&notarized.recording, &kept.shts, tickets, plan.roots.certificates());
    let failed = || report.checks.iter().find(|check| !check.passed).map_or("a check could not be made", |check| check.sentence.as_str());
    let facts = facts.filter(|_| report.accepted).ok_or_else(|| ProveError::Unprovable(failed().to_owned()))?;

    let secret = HandshakeSecret::of(&kept.shared);
    if secret.server_handshake_traffic(&facts.th1) != kept.shts {
        return Err(ProveError::Unprovable("the handshake secret is another session's".into()));
    }
    let lengths: Vec<_> = facts.request.iter().map(|record| record.content_length()).collect();
    if lengths != [request.bytes.len()] {
        return Err(ProveError::Unprovable(format!(
            "the request went out as {lengths:?} bytes, not as one record of {}",
            request.bytes.len()
        )));
    }
    Ok(BankSession {
        notarized,
        facts,
        secret,
        shts: kept.shts,
        request: request.bytes,
        holes: request.holes,
        response: kept.response,
        tickets,
    })
}
