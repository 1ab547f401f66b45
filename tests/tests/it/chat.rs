//! The whole way, as a person goes it: the local world, a sentence, the signer's prompt on a real terminal, a receipt.

use std::{path::Path, process::Command};

use parlance_tests::{programs::program, pty::Pty, world::World};

pub(crate) fn chat(world: &World) -> Pty {
    let mut command = Command::new(program("parlance"));
    command.args(["chat", "--data"]).arg(world.data());
    let mut pty = Pty::start(&command, false);
    pty.expect("Password:");
    pty.type_line("play");
    pty.expect("Say what you want to do");
    pty
}

pub(crate) fn say(pty: &mut Pty, text: &str) {
    pty.expect("> ");
    pty.type_line(text);
}

#[test]
fn a_sentence_becomes_a_receipt_and_the_rest_of_the_story_holds() {
    let world = World::up();
    let mut pty = chat(&world);

    say(&mut pty, "shoot alice fifty bucks in usdc");
    let preview = pty.expect("anything else rejects");
    for expected in [
        "Send 50 USDC to Alice",
        "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        "-50 USDC",
        "You said in chat: “shoot alice fifty bucks in usdc”",
        "play money",
    ] {
        assert!(preview.contains(expected), "{expected:?} is missing in {preview}");
    }
    pty.type_line("yes");
    pty.expect("✓ Done: Send 50 USDC to Alice.");

    say(&mut pty, "how much usdc do i have");
    pty.expect("You have 4,950 USDC");

    // A no is a no, and what was refused can be amended.
    say(&mut pty, "send 30 usdc to bob");
    pty.expect("anything else rejects");
    pty.type_line("no");
    pty.expect("Not approved.");
    say(&mut pty, "make it 20 instead");
    pty.expect("Send 20 USDC to Bob");
    pty.expect("anything else rejects");
    pty.type_line("yes");
    pty.expect("✓ Done: Send 20 USDC to Bob.");

    // Level 0: a known contact, paid before, a small sum.
    say(&mut pty, "send 5 usdc to alice");
    pty.expect("Your rules let it pass without asking");
    pty.expect("✓ Done: Send 5 USDC to Alice.");

    // Something is missing: asked, answered.
    say(&mut pty, "send 5 to bob");
    pty.expect("asset");
    say(&mut pty, "dai");
    pty.expect("Send 5 DAI to Bob");
    pty.expect("Your rules let it pass without asking");
    pty.expect("✓ Done: Send 5 DAI to Bob.");

    // A rule is proposed in chat and enacted with the password in the signer's own prompt; then it holds.
    say(&mut pty, "never let more than $60 a day leave");
    pty.expect("New rules");
    pty.expect("Type your password");
    pty.type_line("play");
    pty.expect("forbid");
    say(&mut pty, "send 40 usdc to bob");
    pty.expect("Your rules refuse it");

    say(&mut pty, "lock");
    pty.expect("ocked");
    say(&mut pty, "quit");
    assert!(pty.wait().success());

    // Another start: history and balance remember, the audit chain holds.
    let mut pty = chat(&world);
    say(&mut pty, "history");
    pty.expect("Send 50 USDC to Alice");
    say(&mut pty, "quit");
    assert!(pty.wait().success());
    audit_holds(&world.data());
}

#[test]
fn a_script_talks_json_and_the_approval_stays_on_the_terminal() {
    let world = World::up();
    let input = world.data().join("messages");
    let output = world.data().join("events");
    std::fs::write(&input, "wrap half an eth\n{\"intent\": {\"intent\": \"swap\", \"from\": \"ETH\"}}\n{\"nonsense\": 1}\n")
        .expect("written");
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!(
        "{} chat --json --data {} < {} > {}",
        program("parlance").display(),
        world.data().display(),
        input.display(),
        output.display()
    ));
    let mut pty = Pty::start(&command, false);
    pty.expect("Password:");
    pty.type_line("play");
    let status = pty.wait();
    assert_eq!(status.code(), Some(1), "an error event makes the exit code 1");
    let events: Vec<serde_json::Value> =
        std::fs::read_to_string(&output).expect("written").lines().map(|l| serde_json::from_str(l).expect("one event a line")).collect();
    let of = |name: &str| events.iter().filter(|e| e["event"] == name).collect::<Vec<_>>();
    assert_eq!(of("preview").len(), 1, "{events:?}");
    assert_eq!(of("decision")[0]["level"], 0, "wrapping passes without asking");
    assert_eq!(of("receipt")[0]["success"], true);
    let errors: Vec<_> = of("error").iter().map(|e| e["code"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(errors, ["not_there_yet", "bad_line"]);
    assert!(of("error").iter().all(|e| !e["remedy"].as_str().unwrap_or_default().is_empty()));
}

#[test]
fn a_waiting_transaction_is_replaced_by_nothing() {
    let world = World::with_blocks_every(30);
    let mut pty = chat(&world);
    // Whenever it comes within a block's time, one of two in a row has to wait.
    say(&mut pty, "wrap 0.1 eth");
    let first = pty.expect_one_of(&["✓ Done: Wrap 0.1 ETH", "It is on its way"]);
    if first == 0 {
        say(&mut pty, "wrap 0.2 eth");
        pty.expect("It is on its way");
    }
    say(&mut pty, "cancel the transaction");
    pty.expect("Cancel: Wrap");
    pty.expect("careful: It only works if it gets into a block before the one it cancels.");
    pty.expect("✓ Done: Cancel: Wrap");
    say(&mut pty, "quit");
    pty.wait();
}

#[test]
fn a_wallet_that_dies_at_the_approval_has_sent_nothing_and_says_so() {
    let world = World::up();
    let mut pty = chat(&world);
    say(&mut pty, "shoot alice fifty bucks in usdc");
    pty.expect("anything else rejects");
    let pattern = format!("parlance-wallet chat --data {}", world.data().display());
    assert!(Command::new("pkill").args(["-9", "-f", &pattern]).status().expect("procps").success(), "the wallet process was there");
    pty.wait();

    let mut command = Command::new(program("parlance"));
    command.args(["chat", "--data"]).arg(world.data());
    let mut pty = Pty::start(&command, false);
    pty.expect("Before the restart this was not sent: Send 50 USDC to Alice");
    pty.expect("Password:");
    pty.type_line("play");
    pty.expect("Say what you want to do");
    // What was lost can be taken up by a word.
    say(&mut pty, "make it 20 instead");
    pty.expect("Send 20 USDC to Alice");
    pty.expect("anything else rejects");
    pty.type_line("yes");
    pty.expect("✓ Done: Send 20 USDC to Alice.");
    say(&mut pty, "how much usdc do i have");
    pty.expect("You have 4,980 USDC");
    say(&mut pty, "quit");
    pty.wait();
}

fn audit_holds(data: &Path) {
    let out = Command::new(program("parlance")).args(["audit", "verify", "--data"]).arg(data).output().expect("starts");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && said.contains("The chain holds"), "{said}{}", String::from_utf8_lossy(&out.stderr));
}
