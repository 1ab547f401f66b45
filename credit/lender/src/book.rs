//! The book of lines: what was attested, from the store, and where it stands, from the chain.

use alloy_primitives::{Address, B256, U256};
use parlance_credit::pool::Status;
use tokio::task::JoinSet;

use std::sync::Arc;

use crate::LenderError;
use crate::app::App;
use crate::chain::LineNow;
use crate::store::Issued;

/// Rows on a page of the book.
pub const PAGE: u32 = 50;
/// Calls to the chain at once.
const AT_ONCE: usize = 8;

/// One row of the book.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was attested last.
    pub issued: Issued,
    /// The line, once it was opened.
    pub line: Option<LineNow>,
    /// When the borrower is to prove again, Unix seconds.
    pub reattest_at: u64,
    /// Whether the attestation was withdrawn, from here or from elsewhere.
    pub revoked: bool,
}

impl Row {
    /// In a word.
    #[must_use]
    pub fn status(&self, now: u64) -> &'static str {
        match &self.line {
            None if self.revoked => "revoked",
            None if now > self.issued.opens => "never opened",
            None => "not opened yet",
            Some(line) if line.line.closed => "closed",
            Some(line) if line.line.stopped && line.status == Status::Current => "stopped",
            Some(line) => match line.status {
                Status::Current if self.revoked => "no draws: revoked",
                Status::Current => "current",
                Status::Grace => "overdue, in grace",
                Status::Delinquent => "delinquent",
                Status::Default => "in default",
                _ => "closed",
            },
        }
    }

    /// Whether the line is open and its borrower should have proved again.
    #[must_use]
    pub fn reattestation_due(&self, now: u64) -> bool {
        now >= self.reattest_at && self.line.as_ref().is_some_and(|line| !line.line.closed && !line.line.stopped)
    }

    /// Its attestation's id.
    #[must_use]
    pub fn id(&self) -> B256 {
        self.issued.attested.attestation.id
    }

    /// Its borrower.
    #[must_use]
    pub fn borrower(&self) -> Address {
        self.issued.attested.attestation.borrower
    }

    /// The limit in force.
    #[must_use]
    pub fn limit(&self) -> U256 {
        self.line.as_ref().map_or(self.issued.attested.attestation.limit, |line| U256::from(line.line.limit))
    }
}

impl App {
    /// A page of the book, newest first; `None` beyond its end is an empty list.
    pub async fn book(self: &Arc<Self>, page: u32) -> Result<Vec<Row>, LenderError> {
        let mut rows: Vec<Option<Row>> = Vec::new();
        let mut running: JoinSet<Result<(usize, Row), LenderError>> = JoinSet::new();
        for (place, issued) in self.store.book(page.saturating_mul(PAGE), PAGE).await?.into_iter().enumerate() {
            rows.push(None);
            if running.len() >= AT_ONCE {
                settle(&mut rows, running.join_next().await)?;
            }
            let app = self.clone();
            running.spawn(async move { Ok((place, app.row(issued).await?)) });
        }
        while let Some(done) = running.join_next().await {
            settle(&mut rows, Some(done))?;
        }
        Ok(rows.into_iter().flatten().collect())
    }

    /// Looks up where an attestation's line stands.
    pub async fn row(&self, mut issued: Issued) -> Result<Row, LenderError> {
        let attestation = &issued.attested.attestation;
        let (id, reattest_at) = (attestation.id, attestation.observedAt.saturating_add(self.lending().reattest_after()));
        if issued.line.is_none() {
            let line = self.chain.used_by(id).await?;
            if !line.is_zero() {
                self.store.note_line(id, line).await?;
                issued.line = Some(line);
            }
        }
        let line = match issued.line {
            Some(line) => Some(self.chain.line(line).await?),
            None => None,
        };
        let revoked = issued.revoked.is_some() || self.chain.revoked(id).await?;
        Ok(Row { issued, line, reattest_at, revoked })
    }
}

type Done = Result<Result<(usize, Row), LenderError>, tokio::task::JoinError>;

fn settle(rows: &mut [Option<Row>], done: Option<Done>) -> Result<(), LenderError> {
    if let Some(done) = done {
        let (place, row) = done.map_err(|error| LenderError::Task(error.to_string()))??;
        if let Some(slot) = rows.get_mut(place) {
            *slot = Some(row);
        }
    }
    Ok(())
}
