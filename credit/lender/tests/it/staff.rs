//! The book: who may look, and what a button does on chain.

use std::collections::HashMap;

use parlance_credit::pool::{Pool, Status};
use reqwest::Response;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};

use crate::loan::*;
use crate::world::*;

/// Somebody at the book.
struct Browser<'a> {
    world: &'a World,
    cookie: Option<String>,
}

impl Browser<'_> {
    async fn get(&self, path: &str) -> Outcome<(u16, String)> {
        let mut request = self.world.http.get(self.world.url(path));
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)], from: Option<&str>) -> Outcome<Response> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self.world.http.post(self.world.url(path)).body(body);
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if let Some(from) = from {
            request = request.header("sec-fetch-site", from);
        }
        Ok(request.send().await?)
    }

    async fn sign_in(&mut self) -> Outcome {
        let response = self.post("/book/sign-in", &[("password", PASSWORD)], None).await?;
        assert_eq!((response.status().as_u16(), header(&response, LOCATION)), (303, "/book".into()));
        let cookie = header(&response, SET_COOKIE);
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/book"), "{cookie}");
        self.cookie = cookie.split(';').next().map(str::to_owned);
        Ok(())
    }
}

fn header(response: &Response, name: reqwest::header::HeaderName) -> String {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn csrf(page: &str) -> Outcome<String> {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").ok_or("no form")?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn the_book_is_for_who_knows_the_password() -> Outcome {
    let world = world_with(Wishes { config: vec![("logins = 1000", "logins = 3".into())], ..Wishes::default() }).await?;
    let mut staff = Browser { world: &world, cookie: None };
    for path in ["/book", "/book/0x00", "/book/0x00/revoke", "/book/0x00/proof"] {
        assert_eq!(staff.get(path).await?.0, 303, "{path}");
    }
    assert_eq!(staff.post("/book/0x00/revoke", &[], None).await?.status(), 303);
    let wrong = staff.post("/book/sign-in", &[("password", "wrong")], None).await?;
    assert_eq!((wrong.status().as_u16(), header(&wrong, SET_COOKIE)), (403, String::new()));
    assert_eq!(staff.post("/book/sign-in", &[("password", PASSWORD)], Some("cross-site")).await?.status(), 403);
    staff.cookie = Some("parlance_staff=00".into());
    assert_eq!(staff.get("/book").await?.0, 303, "an invented session");
    staff.sign_in().await?;
    let (status, page) = staff.get("/book").await?;
    assert!(status == 200 && page.contains("Nothing was attested"), "{page}");

    // Signing out ends the session here, not only in the browser.
    assert_eq!(staff.post("/book/sign-out", &[("csrf", "")], None).await?.status(), 403);
    assert_eq!(staff.post("/book/sign-out", &[("csrf", &csrf(&page)?)], None).await?.status(), 303);
    assert_eq!(staff.get("/book").await?.0, 303);
    // The fourth try in a minute is not even compared.
    assert_eq!(staff.post("/book/sign-in", &[("password", PASSWORD)], None).await?.status(), 429);
    Ok(())
}

#[tokio::test]
async fn a_line_is_stopped_and_an_attestation_revoked_on_chain() -> Outcome {
    let world = world().await?;
    let alice = world.wallet().await?;
    let mut staff = Browser { world: &world, cookie: None };
    staff.sign_in().await?;

    // An attestation that opened nothing yet is revoked; the replayed application gets nothing.
    let verdict = world.accepted(&alice, 1_000_000).await?;
    let attested = world.attested(&alice, &verdict).await?;
    let place = format!("/book/{}", attested.attestation.id);
    let (_, page) = staff.get("/book").await?;
    assert!(page.contains("not opened yet") && page.contains(&alice.address().to_string()) && page.contains("1,500 USDC"), "{page}");
    let (_, page) = staff.get(&place).await?;
    for part in ["The proof holds.", "at least 10000.00 EUR", "10,000.00 EUR", "Play money. What is drawn", &verdict.proof.to_string()] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let (status, page) = staff.get(&format!("{place}/revoke")).await?;
    assert!(status == 200 && page.contains("can&#39;t be undone") || page.contains("can't be undone"), "{page}");
    let token = csrf(&page)?;
    for (fields, from) in [(vec![], None), (vec![("csrf", "00")], None), (vec![("csrf", token.as_str())], Some("cross-site"))] {
        assert_eq!(staff.post(&format!("{place}/revoke"), &fields, from).await?.status(), 403);
    }
    assert!(world.attested(&alice, &verdict).await? == attested, "nothing was revoked by that");
    let done = staff.post(&format!("{place}/revoke"), &[("csrf", &token)], Some("same-origin")).await?;
    assert_eq!((done.status().as_u16(), header(&done, LOCATION)), (303, place.clone()));
    assert_eq!(refused(world.apply(&alice, &verdict).await?)?, (409, "attestation_revoked".into()));
    assert!(world.open(&alice, &attested).await.is_err(), "the chain refuses it too");
    assert!(staff.get("/book").await?.1.contains("revoked"));

    // A line is stopped.
    let attested = world.attested(&alice, &world.accepted(&alice, 1_000_000).await?).await?;
    let line = world.open(&alice, &attested).await?;
    assert!(world.draw(&alice, line, 100).await?);
    let place = format!("/book/{}", attested.attestation.id);
    let (_, page) = staff.get(&place).await?;
    assert!(page.contains("current") && page.contains("100 USDC"), "{page}");
    let (status, file) = staff.get(&format!("{place}/proof")).await?;
    assert!(status == 200 && file.starts_with("PZKT"));
    let (_, page) = staff.get(&format!("{place}/stop-line")).await?;
    assert_eq!(staff.post(&format!("{place}/stop-line"), &[("csrf", &csrf(&page)?)], None).await?.status(), 303);
    assert!(world.chain.call(world.pool, Pool::lineOfCall { id: line }).await?.stopped);
    assert!(!world.draw(&alice, line, 1).await?);
    assert!(staff.get("/book").await?.1.contains("stopped"));

    // Late payments are seen, and so is who should have proved again.
    world.chain.advance_time(31 * 86_400).await?;
    assert_eq!(world.chain.call(world.pool, Pool::statusOfCall { id: line }).await?, Status::Grace);
    assert!(staff.get("/book").await?.1.contains("overdue, in grace"));

    // What can't be done is said in the chain's words: the line is stopped, the key's ether is gone.
    world.chain.set_balance(world.attester, alloy_primitives::U256::ZERO).await?;
    let response = staff.post(&format!("{place}/revoke"), &[("csrf", &csrf(&staff.get("/book").await?.1)?)], None).await?;
    assert_eq!(response.status(), 502);
    assert!(response.text().await?.contains("revokeAttestation"));
    Ok(())
}

#[tokio::test]
async fn without_a_password_there_is_no_book() -> Outcome {
    let world = world_without_lender(Wishes::default()).await?;
    let text = std::fs::read_to_string(world.config())?;
    let without: Vec<&str> =
        text.lines().filter(|line| !["[staff]", "password_hash", "session_minutes"].iter().any(|start| line.starts_with(start))).collect();
    std::fs::write(world.config(), without.join("\n"))?;
    let mut world = world;
    world.start().await?;
    let browser = Browser { world: &world, cookie: None };
    let statuses: HashMap<&str, u16> = [
        ("/book", browser.get("/book").await?.0),
        ("/book/sign-in", browser.get("/book/sign-in").await?.0),
        ("/", browser.get("/").await?.0),
    ]
    .into();
    assert_eq!(statuses, [("/book", 404), ("/book/sign-in", 404), ("/", 200)].into());
    Ok(())
}
