//! The public pages: who lends, and checking a proof file.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use parlance_credit::api::{Check, NotaryInfo, TemplateInfo};
use parlance_zktls_protocol::MAX_DOCUMENT;

use crate::app::now;
use crate::http::{Client, Site};
use crate::multipart::fields;
use crate::offline::{Asked, report};
use crate::visitors::Wish;
use crate::{LenderError, Refusal, api, words};

const STYLE: &str = include_str!("../templates/style.css");
/// A form around the largest file.
const MAX_FORM: usize = MAX_DOCUMENT + (8 << 10);

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/", get(public)).route("/verify", get(upload).post(verified)).route("/style.css", get(style))
}

/// What every page shows.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The lender's name.
    pub(crate) lender: String,
    /// Play money.
    pub(crate) demo: bool,
    /// Whether there is a book.
    pub(crate) staff: bool,
}

/// A report as pages show it.
#[derive(Debug, Clone)]
pub(crate) struct ReportView {
    pub(crate) accepted: bool,
    pub(crate) statement: Option<String>,
    pub(crate) checks: Vec<Check>,
    pub(crate) reasons: Vec<String>,
    pub(crate) unchecked: Vec<String>,
    pub(crate) visible: Vec<String>,
}

struct TierRow {
    at_least: String,
    limit: String,
    rate: String,
    cycle: String,
}

#[derive(Template)]
#[template(path = "public.html")]
struct PublicPage {
    frame: Frame,
    chain: u64,
    pool: String,
    symbol: String,
    tiers: Vec<TierRow>,
    banks: Vec<TemplateInfo>,
    notaries: Vec<(NotaryInfo, String)>,
    max_age: String,
    reattest: String,
    terms: String,
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    frame: Frame,
    report: Option<(String, String, ReportView)>,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice {
    frame: Frame,
    title: String,
    message: String,
    remedy: String,
}

async fn public(State(site): State<Arc<Site>>, client: Client) -> Response {
    shown(&site, site.admit(client, Wish::Page).map_err(LenderError::from).and_then(|()| public_page(&site)))
}

fn public_page(site: &Site) -> Result<PublicPage, LenderError> {
    let lender = site.app.lender()?;
    let (symbol, decimals) = (lender.pool.symbol.clone(), lender.pool.decimals);
    let tiers = lender.tiers.iter().map(|tier| TierRow {
        at_least: words::money(tier.at_least, &tier.currency),
        limit: words::asset(tier.limit, decimals, &symbol),
        rate: words::percent(tier.rate),
        cycle: words::span(tier.cycle.into()),
    });
    Ok(PublicPage {
        frame: site.frame(),
        chain: lender.pool.chain,
        pool: lender.pool.address.to_string(),
        tiers: tiers.collect(),
        banks: lender.templates,
        notaries: lender
            .notaries
            .into_iter()
            .map(|notary| {
                let until = words::time(notary.until);
                (notary, until)
            })
            .collect(),
        max_age: words::span(lender.max_age),
        reattest: words::span(site.app.lending().reattest_after()),
        terms: site.app.config.terms.trim().to_owned(),
        symbol,
    })
}

async fn upload(State(site): State<Arc<Site>>, client: Client) -> Response {
    let page = site.admit(client, Wish::Page).map(|()| VerifyPage { frame: site.frame(), report: None });
    shown(&site, page.map_err(LenderError::from))
}

async fn verified(State(site): State<Arc<Site>>, client: Client, headers: HeaderMap, body: Body) -> Response {
    let page = async {
        site.admit(client, Wish::Proof)?;
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut fields = fields(kind, &site.body(body, MAX_FORM).await?)?;
        let asked = asked(&fields)?;
        let file = fields.remove("file").filter(|file| !file.is_empty());
        let file = file.ok_or_else(|| Refusal::malformed("no file was chosen", "choose the proof file"))?;
        let now = now()?;
        let report = site.app.judge.run(move |trusted| report(&file, trusted, &asked, now)).await?;
        let report = report.map_err(|error| {
            Refusal::new(422, "no_proof", format!("this is no proof file: {error}"), "choose the file that the wallet made")
        })?;
        let about = format!("{}, session of {}", report.says.domain, words::time(report.says.opened));
        let view = ReportView {
            accepted: report.judgement.accepted,
            statement: report.judgement.statement,
            checks: report.judgement.checks,
            reasons: report.judgement.reasons,
            unchecked: report.judgement.unchecked,
            visible: report.judgement.visible,
        };
        Ok(VerifyPage { frame: site.frame(), report: Some((report.proof.to_string(), about, view)) })
    };
    shown(&site, page.await)
}

/// What the form compares with; empty fields are not given.
fn asked(fields: &HashMap<String, Vec<u8>>) -> Result<Asked, Refusal> {
    let asked = Asked {
        borrower: field(fields, "borrower")?,
        pool: field(fields, "pool")?,
        chain: field(fields, "chain")?,
        nonce: field(fields, "nonce")?,
        offer: field(fields, "offer")?,
        ..Asked::default()
    };
    Ok(asked)
}

fn field<T: FromStr>(fields: &HashMap<String, Vec<u8>>, name: &str) -> Result<Option<T>, Refusal> {
    let text = fields.get(name).map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned()).filter(|text| !text.is_empty());
    text.map(|text| {
        text.parse().map_err(|_| Refusal::malformed(format!("{name}: {text:?} can't be read"), "correct it, or leave it empty"))
    })
    .transpose()
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=3600")], STYLE).into_response()
}

/// For addresses that are none.
pub(crate) async fn nothing_here(State(site): State<Arc<Site>>) -> Response {
    refused(&site, &Refusal::new(404, "nothing_here", "There is nothing at this address", "go to the first page").into())
}

/// A page, or the notice why there is none.
pub(crate) fn shown<T: Template>(site: &Site, page: Result<T, LenderError>) -> Response {
    match page.and_then(|page| Ok(page.render()?)) {
        Ok(html) => Html(html).into_response(),
        Err(error) => refused(site, &error),
    }
}

/// A page that says why something was not done.
pub(crate) fn refused(site: &Site, error: &LenderError) -> Response {
    let refusal = api::noted(site, error);
    notice(site, api::status(&refusal), &refusal.message, &refusal.remedy)
}

/// The same with other words.
pub(crate) fn notice(site: &Site, status: StatusCode, message: &str, remedy: &str) -> Response {
    let notice = Notice {
        frame: site.frame(),
        title: status.canonical_reason().unwrap_or("Not done").to_owned(),
        message: format!("{message}."),
        remedy: format!("What you can do: {remedy}."),
    };
    match notice.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => status.into_response(),
    }
}

impl Site {
    pub(crate) fn frame(&self) -> Frame {
        let app = &self.app;
        Frame { lender: app.terms.lender.clone(), demo: app.trusted.demo, staff: app.config.staff.is_some() }
    }
}
