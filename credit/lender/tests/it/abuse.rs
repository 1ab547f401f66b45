//! Garbage, floods, and what everybody may see.

use parlance_credit::api::{Attested, Offered, Problem, Verdict};
use proptest::test_runner::{Config, TestRunner};

use crate::loan::*;
use crate::world::*;

async fn post(world: &World, path: &str, body: Vec<u8>) -> Outcome<(u16, Problem)> {
    let response = world.http.post(world.url(path)).body(body).send().await?;
    let status = response.status().as_u16();
    Ok((status, serde_json::from_slice(&response.bytes().await?)?))
}

#[tokio::test]
async fn garbage_is_answered_with_a_problem() -> Outcome {
    let world = world().await?;
    let mut runner = TestRunner::new(Config { cases: 60, ..Config::default() });
    let bytes = proptest::collection::vec(proptest::num::u8::ANY, 0..3000);
    let mut bodies: Vec<Vec<u8>> = (0..60)
        .filter_map(|_| {
            use proptest::strategy::{Strategy, ValueTree};
            bytes.new_tree(&mut runner).ok().map(|tree| tree.current())
        })
        .collect();
    bodies.extend([
        b"{}".to_vec(),
        b"null".to_vec(),
        b"[1]".to_vec(),
        b"PZKT\0\x01\0\x05".to_vec(),
        [b"[".repeat(10_000), vec![]].concat(),
    ]);
    for body in bodies {
        assert_eq!(post(&world, "/v1/offers", body.clone()).await?.0, 400);
        assert_eq!(post(&world, "/v1/applications", body.clone()).await?.0, 400);
        let (status, problem) = post(&world, "/v1/proofs", body).await?;
        assert_eq!((status, problem.code.as_str()), (422, "no_proof"));
    }
    // Too much is not read to its end.
    for (path, size) in [("/v1/offers", 17 << 10), ("/v1/applications", 17 << 10), ("/v1/proofs", (1 << 20) + 1)] {
        let (status, problem) = post(&world, path, vec![b' '; size]).await?;
        assert_eq!((status, problem.code.as_str()), (413, "too_large"), "{path}");
    }
    let known = r#"{"borrower":"0x0000000000000000000000000000000000000001","template":"0x00","currency":"EUR"}"#;
    let answer: Answer<Offered> = answer(world.http.post(world.url("/v1/offers")).body(known).send().await?).await?;
    assert_eq!(refused(answer)?.0, 400);
    assert_eq!(world.http.get(world.url("/v1/nothing")).send().await?.status(), 404);
    assert_eq!(world.http.get(world.url("/v1/offers")).send().await?.status(), 405);
    // It is as well as before.
    assert_eq!(world.http.get(world.url("/health")).send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn who_comes_too_often_waits() -> Outcome {
    let config = [
        ("offers = 1000", "offers = 2"),
        ("proofs = 1000", "proofs = 2"),
        ("applications = 1000", "applications = 2"),
        ("pages = 100000", "pages = 3"),
    ];
    let world = world_with(Wishes { config: config.map(|(from, to)| (from, to.to_owned())).into(), ..Wishes::default() }).await?;
    for path in ["/v1/offers", "/v1/proofs", "/v1/applications"] {
        let statuses = [post(&world, path, vec![]).await?.0, post(&world, path, vec![]).await?.0, post(&world, path, vec![]).await?.0];
        assert!(statuses[0] < 429 && statuses[1] < 429 && statuses[2] == 429, "{path}: {statuses:?}");
    }
    // The page that verifies counts as proofs.
    assert_eq!(world.http.post(world.url("/verify")).body("x").send().await?.status(), 429);
    let mut pages = Vec::new();
    for path in ["/", "/v1/lender", "/verify", "/"] {
        pages.push(world.http.get(world.url(path)).send().await?.status().as_u16());
    }
    assert_eq!(pages, [200, 200, 200, 429]);
    // Behind no proxy, nobody is somebody else by saying so.
    assert_eq!(world.http.get(world.url("/")).header("x-forwarded-for", "192.0.2.7").send().await?.status(), 429);
    Ok(())
}

#[tokio::test]
async fn behind_a_proxy_the_last_named_client_counts() -> Outcome {
    let config = vec![
        ("log = \"text\"", "log = \"json\"".to_owned()),
        ("behind_proxy = false", "behind_proxy = true".to_owned()),
        ("pages = 100000", "pages = 1".to_owned()),
    ];
    let world = world_with(Wishes { config, ..Wishes::default() }).await?;
    let mut statuses = Vec::new();
    for clients in ["192.0.2.1", "192.0.2.1", "192.0.2.9, 192.0.2.1", "192.0.2.1, 192.0.2.2"] {
        statuses.push(world.http.get(world.url("/")).header("x-forwarded-for", clients).send().await?.status().as_u16());
    }
    assert_eq!(statuses, [200, 429, 429, 200]);
    let log = world.log();
    assert!(log.contains("too_often") && log.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{log}");
    Ok(())
}

#[tokio::test]
async fn what_everybody_may_see() -> Outcome {
    let mut world = world().await?;
    let response = world.http.get(world.url("/")).send().await?;
    let policy = response.headers().get("content-security-policy").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    let page = response.text().await?;
    for part in
        ["Maple lends USDC", "Play money", "10,000.00 EUR", "1,500 USDC", "12 %", "Demo bank", "how many digits", &world.pool.to_string()]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script"));
    assert_eq!(world.http.get(world.url("/style.css")).send().await?.status(), 200);
    let health: serde_json::Value = serde_json::from_slice(&world.http.get(world.url("/health")).send().await?.bytes().await?)?;
    assert_eq!(health, serde_json::json!({"status": "ok", "database": "ok", "chain": "ok", "key": "ok"}));
    let metrics = world.http.get(world.url("/metrics")).send().await?.text().await?;
    assert!(
        metrics.contains("lender_healthy 1") && metrics.contains("lender_http_answers_total{route=\"/\",status=\"200\"} 1"),
        "{metrics}"
    );

    // Without its chain it says so, and answers on.
    world.chain.kill();
    let response = world.http.get(world.url("/health")).send().await?;
    assert_eq!(response.status(), 503);
    let health: serde_json::Value = serde_json::from_slice(&response.bytes().await?)?;
    assert_eq!((&health["chain"], &health["database"]), (&"failing".into(), &"ok".into()));
    assert!(world.http.get(world.url("/metrics")).send().await?.text().await?.contains("lender_healthy 0"));
    let answer: Answer<Attested> =
        world.post("/v1/applications", serde_json::json!({"proof": alloy_primitives::B256::ZERO, "signature": "0x"})).await?;
    assert_eq!(refused(answer)?, (404, "proof_unknown".into()));
    Ok(())
}

#[tokio::test]
async fn a_file_is_checked_on_the_page_and_forgotten() -> Outcome {
    let world = world().await?;
    let alice = world.wallet().await?;
    let offer = world.offer(&alice, 1_000_000).await?;
    let file = world.prove(&offer).await?;
    let upload = |borrower: String| {
        let part = |name: &str, content: &[u8]| {
            [format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes(), content, b"\r\n"].concat()
        };
        let body =
            [part("borrower", borrower.as_bytes()), part("file", &file.encode().unwrap_or_default()), b"--b--\r\n".to_vec()].concat();
        world.http.post(world.url("/verify")).header("content-type", "multipart/form-data; boundary=b").body(body).send()
    };
    let page = upload(alice.address().to_string()).await?.text().await?;
    for part in ["Accepted.", "at least 10000.00 EUR", "The proof holds.", "The pool is taken from the file itself", "registry on chain"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("The borrower is taken from the file"));
    let page = upload(alloy_primitives::Address::ZERO.to_string()).await?.text().await?;
    assert!(page.contains("Refused.") && page.contains("session"), "{page}");
    assert_eq!(upload("somebody".into()).await?.status(), 400);
    let garbage = world.http.post(world.url("/verify")).header("content-type", "multipart/form-data; boundary=b");
    assert_eq!(garbage.body("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nxyz\r\n--b--").send().await?.status(), 422);
    // The offer is still free: the page took nothing.
    let verdict: Answer<Verdict> = world.send_proof(&file).await?;
    assert!(verdict.is_ok_and(|verdict| verdict.accepted));
    Ok(())
}
