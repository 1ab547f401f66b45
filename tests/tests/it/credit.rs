//! From "show Maple I have at least ten grand" to a line that is drawn and paid back: the real bank, notary, lender and pool.

use std::{process::Command, time::Instant};

use parlance_tests::{programs::program, pty::Pty, world::World};

use crate::chat::{chat, say};

/// The owner's yes to what takes the password.
fn with_password(pty: &mut Pty) -> String {
    let shown = pty.expect("Type your password");
    pty.type_line("play");
    shown
}

/// The owner's yes to what takes a click.
fn with_a_click(pty: &mut Pty) -> String {
    let shown = pty.expect("anything else rejects");
    pty.type_line("yes");
    shown
}

#[test]
fn a_balance_is_proved_a_line_opens_is_drawn_and_paid_back() {
    let world = World::with_lender();
    let mut pty = chat(&world);
    // Nothing is there yet.
    say(&mut pty, "how are my loans");
    pty.expect("You have no credit line yet.");
    say(&mut pty, "draw 500 usdc");
    pty.expect("You have no credit line yet.");

    // One bit about the account.
    let begun = Instant::now();
    say(&mut pty, "show Maple I have at least ten grand at my bank");
    pty.expect("Making the proof on this computer");
    let told = pty.expect("a credit line of up to 2,000 USDC goes with it");
    for expected in ["20 of 20 checks hold", "Maple also sees:", "10000.00 USD"] {
        assert!(told.contains(expected), "{expected:?} is missing in {told}");
    }
    assert!(!told.contains("23456") && !told.contains("23,456"), "the balance is nobody's business: {told}");

    // The offer is signed, the line opens: the signer reads both itself.
    say(&mut pty, "borrow 1500 usdc from Maple");
    let shown = with_password(&mut pty);
    for expected in ["“Maple”, as it calls itself", "2000 USDC", "12 % a year", "“Play money. What is drawn is owed"] {
        assert!(shown.contains(expected), "{expected:?} is missing in {shown}");
    }
    let shown = with_password(&mut pty);
    assert!(shown.contains("Open a credit line of up to 2000 USDC at Maple's pool"), "{shown}");
    pty.expect("✓ Done: Open a credit line at Maple for up to 2,000 USDC.");
    eprintln!("from \"show Maple...\" to an open line, with both approvals: {:.1?}", begun.elapsed());

    say(&mut pty, "draw 500 usdc");
    with_a_click(&mut pty);
    pty.expect("✓ Done: Draw 500 USDC from Maple.");
    say(&mut pty, "how much usdc do i have");
    pty.expect("You have 5,500 USDC");
    say(&mut pty, "draw 1600 usdc");
    pty.expect("has 1,500 USDC left");
    say(&mut pty, "never mind");
    pty.expect("Cancelled.");

    say(&mut pty, "pay back 200");
    with_a_click(&mut pty);
    with_a_click(&mut pty);
    pty.expect("✓ Done: Repay 200 USDC to Maple.");
    say(&mut pty, "how are my loans");
    let told = pty.expect("can be drawn until");
    assert!(told.contains("you owe 300"), "{told}");

    // All of it, with the interest of the minute; by now it is more than $500 a day.
    say(&mut pty, "pay back everything on the loan");
    with_password(&mut pty);
    with_a_click(&mut pty);
    pty.expect("✓ Done: Repay all that you owe Maple");
    say(&mut pty, "how are my loans");
    pty.expect("nothing is drawn");
    say(&mut pty, "quit");
    assert!(pty.wait().success());
}

#[test]
fn more_than_there_is_is_not_proved_and_nothing_is_sent() {
    let world = World::with_lender();
    let mut pty = chat(&world);
    say(&mut pty, "prove to Maple that I have at least 50000 dollars");
    let told = pty.expect("Nothing was sent to Maple.");
    assert!(told.contains("does not show at least $50,000") && !told.contains("23"), "{told}");
    say(&mut pty, "borrow 1500 usdc from Maple");
    pty.expect("Prove it now?");
    say(&mut pty, "no");
    pty.expect("Cancelled.");
    say(&mut pty, "quit");
    assert!(pty.wait().success());
}

#[test]
fn a_proof_file_is_checked_by_the_lenders_program_and_scripts_can_prove() {
    let world = World::with_lender();
    let file = world.data().join("proof.pzkt");
    let mut command = Command::new(program("parlance"));
    command
        .args(["prove", "--at-least", "10000", "--currency", "USD", "--lender", "Maple", "--out"])
        .arg(&file)
        .arg("--data")
        .arg(world.data());
    let mut pty = Pty::start(&command, false);
    pty.expect("Password:");
    pty.type_line("play");
    assert!(pty.wait().success(), "{}", pty.screen());

    let verify = |more: &[&str], path: &std::path::Path| {
        let settings = world.data().join("maple/lender.toml");
        let run = Command::new(program("parlance-lender")).arg("verify").arg(path).arg("--config").arg(settings).args(more).output();
        run.expect("parlance-lender runs")
    };
    let good = verify(&["--json"], &file);
    assert!(good.status.success(), "{good:?}");
    let report: serde_json::Value = serde_json::from_slice(&good.stdout).expect("JSON");
    assert_eq!(report["accepted"], true, "{report}");

    let mut bytes = std::fs::read(&file).expect("the file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let bad = world.data().join("bad.pzkt");
    std::fs::write(&bad, bytes).expect("written");
    assert_eq!(verify(&[], &bad).status.code(), Some(1));
    std::fs::write(&bad, b"not a proof").expect("written");
    assert_eq!(verify(&[], &bad).status.code(), Some(2));
}
