//! The command line.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::world::*;

#[tokio::test]
async fn verify_says_what_holds_and_exits_as_scripts_expect() -> Outcome {
    let world = world().await?;
    let alice = world.wallet().await?;
    let offer = world.offer(&alice, 1_000_000).await?;
    let file = world.prove(&offer).await?;
    let folder = world.folder.path();
    std::fs::write(folder.join("balance.proof"), file.encode()?)?;
    // Without a notary of its own a file trusts those that are listed: here somebody else, and in the other one by its log this one.
    let config = std::fs::read_to_string(world.config())?;
    let (strangers, _) = config.split_once("\n[notary").ok_or("the built-in notary's section")?;
    let trust =
        strangers.replacen("[lending]", "[[trust.notaries]]\naddress = \"ws://localhost:1/\"\nlog = \"notary-keys.jsonl\"\n\n[lending]", 1);
    std::fs::write(folder.join("trust.toml"), trust)?;
    std::fs::write(folder.join("strangers.toml"), strangers)?;

    let verify = |arguments: &[&str]| run(folder, &[&["verify", "balance.proof", "--config", "trust.toml"], arguments].concat());
    let output = verify(&[])?;
    let text = String::from_utf8(output.stdout)?;
    assert_eq!(output.status.code(), Some(0), "{text}");
    for part in [
        "ACCEPTED",
        "at least 10000.00 EUR",
        "ok   proof: The proof holds.",
        "The borrower is taken from the file itself",
        "learns besides",
        "number of digits",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let (borrower, pool, digest, nonce, scope) = (
        alice.address().to_string(),
        world.pool.to_string(),
        offer.digest(31337, world.pool).to_string(),
        offer.nonce.to_string(),
        offer.scope.to_string(),
    );
    let all = [
        "--borrower",
        &borrower,
        "--pool",
        &pool,
        "--chain",
        "31337",
        "--offer",
        &digest,
        "--nonce",
        &nonce,
        "--at-least",
        "1000000",
        "--currency",
        "EUR",
        "--scope",
        &scope,
    ];
    let output = verify(&[&all[..], &["--json"]].concat())?;
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!((&report["accepted"], report["checks"].as_array().map(Vec::len)), (&true.into(), Some(19)));
    assert_eq!(report["unchecked"].as_array().map(Vec::len), Some(1), "only the registry: {report}");
    assert_eq!(report["says"]["domain"], "api.demo-bank.example");

    // The lender's whole file trusts the notary that is built in.
    assert_eq!(run(folder, &["verify", "balance.proof", "--config", "lender.toml"])?.status.code(), Some(0));
    let late = (file.notarized.recording.opened + 3601).to_string();
    for (wrong, check) in [
        (vec!["--borrower", "0x0000000000000000000000000000000000000001"], "session"),
        (vec!["--chain", "1"], "session"),
        (vec!["--at-least", "1000001"], "claim"),
        (vec!["--currency", "USD"], "claim"),
        (vec!["--at", &late], "age"),
        (vec!["--config", "strangers.toml"], "notary-signature"),
    ] {
        let base: &[&str] =
            if wrong[0] == "--config" { &["verify", "balance.proof"] } else { &["verify", "balance.proof", "--config", "trust.toml"] };
        let output = run(folder, &[base, &wrong, &["--json"]].concat())?;
        assert_eq!(output.status.code(), Some(1), "{wrong:?}");
        let report: Value = serde_json::from_slice(&output.stdout)?;
        let failed = report["checks"].as_array().into_iter().flatten().filter(|check| check["passed"] == false);
        assert!(failed.map(|check| check["name"].clone()).any(|name| name == check), "{wrong:?}: {report}");
        assert!(report["statement"].is_null() && !report["reasons"].as_array().is_none_or(Vec::is_empty));
    }

    std::fs::write(folder.join("garbage"), b"PZKT and nothing more")?;
    for wrong in [
        vec!["verify", "garbage", "--config", "trust.toml"],
        vec!["verify", "absent", "--config", "trust.toml"],
        vec!["verify", "balance.proof", "--config", "absent.toml"],
        vec!["verify", "balance.proof", "--config", "trust.toml", "--currency", "euro"],
        vec!["verify", "balance.proof", "--borrower", "alice"],
        vec!["verify"],
    ] {
        let output = run(folder, &wrong)?;
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{wrong:?}");
    }
    Ok(())
}

#[tokio::test]
async fn check_names_what_is_wrong() -> Outcome {
    let world = world_without_lender(Wishes { cash: 0, ..Wishes::default() }).await?;
    let folder = world.folder.path();
    let output = run(folder, &["check", "lender.toml"])?;
    let text = String::from_utf8(output.stdout)?;
    assert_eq!(output.status.code(), Some(1), "{text}");
    let wrong: Vec<&str> = text.lines().filter(|line| line.starts_with("WRONG")).collect();
    assert_eq!(wrong.len(), 2, "the other notary has no cap, and there is no cash: {text}");
    assert!(text.contains("The pool has no cash") && text.contains("setCap"), "{text}");
    assert!(text.contains(&format!("The attester's key is {}.", world.attester)), "{text}");

    // Not a demo: invented banks and play names are named, and `serve` refuses.
    let config = std::fs::read_to_string(world.config())?;
    std::fs::write(folder.join("real.toml"), config.replacen("demo = true", "demo = false", 1).replacen("rate = 1500", "rate = 15000", 1))?;
    let text = String::from_utf8(run(folder, &["check", "real.toml"])?.stdout)?;
    assert!(text.contains("test-data") && text.contains("15000 basis points"), "{text}");
    let output = run(folder, &["serve", "real.toml"])?;
    let error = String::from_utf8(output.stderr)?;
    assert!(output.status.code() == Some(1) && error.contains("15000 basis points"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_notary_runs_alone_until_it_is_told_to_end() -> Outcome {
    let folder = tempfile::tempdir()?;
    done(folder.path(), &["keys", "notary", "--operator", "Maple"])?;
    let settings = "listen = \"127.0.0.1:0\"\nkeys = [\"notary-key.json\"]\ndomains = [\"api.bank.example\"]\n";
    std::fs::write(folder.path().join("own.toml"), settings)?;
    std::fs::write(folder.path().join("lenders.toml"), format!("name = \"Maple\"\n[notary.settings]\n{settings}"))?;
    for config in ["own.toml", "lenders.toml"] {
        // Keys are found beside the settings, wherever the program runs.
        let mut command = Command::new(env!("CARGO_BIN_EXE_parlance-lender"));
        let mut child = command.arg("notary").arg(folder.path().join(config)).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let address = line.trim().strip_prefix("notary at ").ok_or_else(|| format!("{config}: {line:?}"))?.to_owned();
        assert!(std::net::TcpStream::connect(&address).is_ok());
        let id = Pid::from_raw(child.id().try_into()?).ok_or("no process")?;
        kill_process(id, Signal::TERM)?;
        assert_eq!(child.wait()?.code(), Some(0), "{config}");
    }
    assert_eq!(run(folder.path(), &["notary", "absent.toml"])?.status.code(), Some(1));
    Ok(())
}

#[tokio::test]
async fn a_pool_that_wants_two_signatures_is_refused() -> Outcome {
    let mut world = world_without_lender(Wishes { threshold: 2, ..Wishes::default() }).await?;
    let error = world.start().await.err().ok_or("it started")?.to_string();
    assert!(error.contains("the pool wants 2 attesters' signatures"), "{error}");
    Ok(())
}

#[tokio::test]
async fn keys_are_made_shown_and_never_overwritten() -> Outcome {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    std::fs::write(folder.join("password"), PASSWORD)?;
    let address = done(folder, &["keys", "new", "--out", "key.json", "--password-file", "password"])?;
    assert_eq!(done(folder, &["keys", "show", "key.json", "--password-file", "password"])?, address);
    assert_eq!(run(folder, &["keys", "new", "--out", "key.json", "--password-file", "password"])?.status.code(), Some(1));
    std::fs::write(folder.join("wrong"), "another password")?;
    assert_eq!(run(folder, &["keys", "show", "key.json", "--password-file", "wrong"])?.status.code(), Some(1));
    assert_eq!(done(folder, &["keys", "notary", "--operator", "Maple"])?.len(), 64);
    assert_eq!(run(folder, &["keys", "notary", "--operator", "Maple"])?.status.code(), Some(1), "there is a key");
    assert_eq!(run(folder, &["keys", "dance"])?.status.code(), Some(2));
    Ok(())
}
