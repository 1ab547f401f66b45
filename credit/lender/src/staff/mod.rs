//! The pages for staff: signing in, the book, and the two things that can be done with a line.

mod session;

use std::sync::Arc;
use std::time::Instant;

use alloy_primitives::{B256, U256};
use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::app::now;
use crate::book::{PAGE, Row};
use crate::http::{Client, Site};
use crate::pages::{Frame, ReportView, notice, refused, shown};
use crate::visitors::Wish;
use crate::{LenderError, Refusal, api, keys, words};

pub(crate) use session::Sessions;
use session::{Staff, check_csrf, form, set_cookie};

const SIGN_IN: &str = "/book/sign-in";

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/book", get(book))
        .route(SIGN_IN, get(sign_in_page).post(sign_in))
        .route("/book/sign-out", post(sign_out))
        .route("/book/{id}", get(line))
        .route("/book/{id}/proof", get(proof_file))
        .route("/book/{id}/{deed}", get(confirm).post(do_it))
}

/// What can be done with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    /// The line is stopped for good.
    StopLine,
    /// The attestation is withdrawn.
    Revoke,
}

struct BookRow {
    id: String,
    line: String,
    borrower: String,
    limit: String,
    used: String,
    due: String,
    status: &'static str,
    reattest: String,
    reattestation_due: bool,
}

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignInPage {
    frame: Frame,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "book.html")]
struct BookPage {
    frame: Frame,
    csrf: String,
    rows: Vec<BookRow>,
    due: usize,
    page: u32,
    more: bool,
}

#[derive(Template)]
#[template(path = "line.html")]
struct LinePage {
    frame: Frame,
    row: BookRow,
    facts: Vec<(&'static str, String)>,
    terms: String,
    report: ReportView,
    kept: bool,
    can_stop: bool,
    can_revoke: bool,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    csrf: String,
    row: BookRow,
    deed: &'static str,
    title: &'static str,
    consequence: &'static str,
}

impl Deed {
    fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "stop-line" => Ok(Self::StopLine),
            "revoke" => Ok(Self::Revoke),
            _ => Err(Refusal::new(404, "nothing_here", "There is nothing at this address", "go back to the book")),
        }
    }

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::StopLine => (
                "stop-line",
                "Stop this line for good",
                "The borrower can never draw or renew again, only repay and close. This can't be undone.",
            ),
            Self::Revoke => (
                "revoke",
                "Revoke this attestation",
                "It opens no line, and a line that rests on it can't be drawn on until the borrower proves again and renews. This can't be undone.",
            ),
        }
    }
}

async fn sign_in_page(State(site): State<Arc<Site>>, client: Client) -> Response {
    let page = site.admit(client, Wish::Page).map(|()| SignInPage { frame: site.frame(), wrong: false });
    shown(&site, page.map_err(LenderError::from))
}

async fn sign_in(State(site): State<Arc<Site>>, client: Client, headers: HeaderMap, body: Body) -> Response {
    let tried = async {
        site.admit(client, Wish::Login)?;
        let mut form = form(&site, &headers, body).await?;
        let password = form.remove("password").unwrap_or_default();
        let hash = site.app.config.staff.as_ref().map(|staff| staff.password_hash.clone()).unwrap_or_default();
        let fits = tokio::task::spawn_blocking(move || keys::fits(&password, &hash)).await;
        if !fits.map_err(|error| LenderError::Task(error.to_string()))? {
            return Ok(None);
        }
        Ok::<_, LenderError>(Some(site.sessions.begin(Instant::now())?))
    };
    match tried.await {
        Ok(Some(secret)) => {
            tracing::info!("staff signed in");
            let cookie = set_cookie(&site, &secret, site.sessions.lasts.as_secs());
            (AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to("/book")).into_response()
        }
        Ok(None) => {
            tracing::warn!(client = %client.0, "wrong staff password");
            (StatusCode::FORBIDDEN, shown(&site, Ok(SignInPage { frame: site.frame(), wrong: true }))).into_response()
        }
        Err(error) => refused(&site, &error),
    }
}

async fn sign_out(State(site): State<Arc<Site>>, staff: Staff, headers: HeaderMap, body: Body) -> Response {
    match form(&site, &headers, body).await.and_then(|form| check_csrf(&staff, &form)) {
        Ok(()) => {
            site.sessions.end(&staff.cookie);
            (AppendHeaders([(SET_COOKIE, set_cookie(&site, "", 0))]), Redirect::to(SIGN_IN)).into_response()
        }
        Err(refusal) => refused(&site, &refusal.into()),
    }
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    page: u32,
}

async fn book(State(site): State<Arc<Site>>, staff: Staff, Query(Paging { page }): Query<Paging>) -> Response {
    let built = async {
        let now = now()?;
        let rows = site.app.book(page).await?;
        Ok(BookPage {
            frame: site.frame(),
            csrf: staff.csrf,
            due: rows.iter().filter(|row| row.reattestation_due(now)).count(),
            more: rows.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX),
            rows: rows.iter().map(|row| site.book_row(row, now)).collect(),
            page,
        })
    };
    shown(&site, built.await)
}

async fn line(State(site): State<Arc<Site>>, _staff: Staff, Path(id): Path<String>) -> Response {
    shown(&site, line_page(&site, &id).await)
}

async fn line_page(site: &Site, id: &str) -> Result<LinePage, LenderError> {
    let (row, now) = (site.find(id).await?, now()?);
    let proof = site.app.store.proof(row.issued.proof).await?.ok_or_else(|| unknown(id))?;
    let (attestation, verdict) = (&row.issued.attested.attestation, proof.facts.verdict);
    let info = site.app.chain.info();
    let facts = vec![
        ("Borrower", attestation.borrower.to_string()),
        ("Proof", row.issued.proof.to_string()),
        ("Proved", words::money(crate::offline::minor_units(proof.offer.atLeast), &proof.offer.currency)),
        ("Session", words::time(attestation.observedAt)),
        (
            "Rate and cycle",
            format!("{} a year, every {}", words::percent(attestation.rate.saturating_to()), words::span(attestation.cycle.into())),
        ),
        ("Attestation", attestation.id.to_string()),
        ("Signed", words::time(attestation.issuedAt)),
        ("Expires", words::time(attestation.expiry)),
        ("Nullifier", attestation.nullifier.to_string()),
        ("Notary", proof.facts.notary.to_string()),
        ("Template", attestation.template.to_string()),
        ("Offer", proof.offer.digest(info.chain, info.address).to_string()),
        ("Application", attestation.statement.to_string()),
        ("Borrower's signature", row.issued.signature.to_string()),
    ];
    let open = row.line.as_ref().filter(|line| !line.line.closed && !line.line.stopped);
    Ok(LinePage {
        frame: site.frame(),
        can_stop: open.is_some(),
        can_revoke: !row.revoked && (row.line.is_none() || open.is_some()),
        row: site.book_row(&row, now),
        facts,
        terms: proof.offer.terms.clone(),
        kept: site.app.store.proof_file(row.issued.proof).await?.is_some(),
        report: ReportView {
            accepted: verdict.accepted,
            statement: verdict.statement,
            checks: verdict.checks,
            reasons: verdict.reasons,
            unchecked: Vec::new(),
            visible: verdict.visible,
        },
    })
}

async fn proof_file(State(site): State<Arc<Site>>, _staff: Staff, Path(id): Path<String>) -> Response {
    let found = async {
        let issued = site.issued(&id).await?;
        let file = site.app.store.proof_file(issued.proof).await?;
        let file =
            file.ok_or_else(|| Refusal::new(404, "file_deleted", "The file was deleted in due time", "its report is on the line's page"))?;
        Ok::<_, LenderError>((issued.proof, file))
    };
    match found.await {
        Ok((proof, file)) => {
            let name = format!("attachment; filename=\"{}.proof\"", hex::encode(proof));
            ([(CONTENT_TYPE, "application/octet-stream".to_owned()), (CONTENT_DISPOSITION, name)], file).into_response()
        }
        Err(error) => refused(&site, &error),
    }
}

async fn confirm(State(site): State<Arc<Site>>, staff: Staff, Path((id, deed)): Path<(String, String)>) -> Response {
    let page = async {
        let (deed, title, consequence) = Deed::parse(&deed)?.words();
        let row = site.find(&id).await?;
        Ok(ConfirmPage { frame: site.frame(), csrf: staff.csrf, row: site.book_row(&row, now()?), deed, title, consequence })
    };
    shown(&site, page.await)
}

async fn do_it(
    State(site): State<Arc<Site>>,
    staff: Staff,
    Path((id, deed)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let done = async {
        check_csrf(&staff, &form(&site, &headers, body).await?)?;
        let (deed, row) = (Deed::parse(&deed)?, site.find(&id).await?);
        // Goes on when the browser hangs up.
        let worker = site.clone();
        tokio::spawn(async move { worker.carry_out(deed, &row).await }).await.map_err(|error| LenderError::Task(error.to_string()))?
    };
    match done.await {
        Ok(()) => Redirect::to(&format!("/book/{id}")).into_response(),
        // Staff may know what the chain said.
        Err(error @ LenderError::Transaction { .. }) => {
            api::noted(&site, &error);
            notice(&site, StatusCode::BAD_GATEWAY, &error.to_string(), "look at the line again")
        }
        Err(error) => refused(&site, &error),
    }
}

impl Site {
    async fn issued(&self, id: &str) -> Result<crate::store::Issued, LenderError> {
        let known = id.parse::<B256>().ok();
        let issued = match known {
            Some(known) => self.app.store.attestation(known).await?,
            None => None,
        };
        issued.ok_or_else(|| unknown(id).into())
    }

    async fn find(&self, id: &str) -> Result<Row, LenderError> {
        self.app.row(self.issued(id).await?).await
    }

    async fn carry_out(&self, deed: Deed, row: &Row) -> Result<(), LenderError> {
        let id = row.id();
        let transaction = match (deed, &row.line) {
            (Deed::StopLine, Some(line)) => self.app.chain.revoke_line(line.id).await?,
            (Deed::StopLine, None) => {
                return Err(Refusal::new(409, "no_line_yet", "The attestation has opened no line", "revoke it instead").into());
            }
            (Deed::Revoke, _) => {
                let transaction = self.app.chain.revoke_attestation(id).await?;
                self.app.store.note_revoked(id, now()?).await?;
                transaction
            }
        };
        tracing::warn!(?deed, attestation = %id, %transaction, "done by staff");
        Ok(())
    }

    fn book_row(&self, row: &Row, now: u64) -> BookRow {
        let amount = |amount: U256| words::asset(amount, self.app.terms.decimals, &self.app.terms.symbol);
        let line = row.line.as_ref();
        let due =
            line.filter(|line| line.line.dueAt != 0).map(|line| format!("{} until {}", amount(line.due), words::time(line.line.dueAt)));
        BookRow {
            id: row.id().to_string(),
            line: line.map_or("–".to_owned(), |line| line.id.to_string()),
            borrower: row.borrower().to_string(),
            limit: amount(row.limit()),
            used: line.map_or("–".to_owned(), |line| amount(line.debt)),
            due: due.unwrap_or("–".to_owned()),
            status: row.status(now),
            reattest: words::time(row.reattest_at),
            reattestation_due: row.reattestation_due(now),
        }
    }
}

fn unknown(id: &str) -> Refusal {
    Refusal::new(404, "attestation_unknown", format!("No attestation here has the id {id:?}"), "go back to the book")
}
