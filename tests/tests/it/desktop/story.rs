//! From the first message to a receipt, and what the rules say.

use std::time::Instant;

use parlance_tests::{
    desktop::{
        Desktop,
        names::{role, role_with},
    },
    world::World,
};

#[test]
fn from_the_first_message_to_a_receipt_and_what_the_rules_say() {
    let world = World::up();
    let begun = Instant::now();
    let app = Desktop::start("story", &world.data());
    app.see_text("Play money");
    app.see(&role("button", "shoot alice fifty bucks in usdc"));
    let usable = begun.elapsed();
    app.unlock();

    // A suggestion is a click; the signer's window shows what it decoded, and the whole address; the receipt comes.
    app.press("shoot alice fifty bucks in usdc");
    let shown = app.signer().approve("Send 50 USDC to Alice").join("\n");
    for expected in [
        "0x7099 7970 C518 12dc 3A01 0C7d 01b5 0e0d 17dc 79C8",
        "Worth about $50.",
        "You have never paid Alice before.",
        "“shoot alice fifty bucks in usdc”",
        "Play money",
    ] {
        assert!(shown.contains(expected), "{expected:?} is missing in\n{shown}");
    }
    app.see_answer("Done: Send 50 USDC to Alice.");
    let first = begun.elapsed();
    eprintln!("from the start of the app to what can be said first: {usable:.1?}; to the first receipt: {first:.1?}");
    app.see("//aside//li[contains(., 'USDC')][contains(., '4,950')]");
    app.go("Activity");
    app.click(&format!("//main{}", role_with("button", "Send 50 USDC to Alice")));
    app.see_text("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    app.press("Close");
    app.go("Balances");
    app.see("//main//tr[contains(., 'USDC')][contains(., '4,950')]");
    // The history of rules begins with what this wallet sees first.
    app.go("Rules");
    app.see_text("Rules of the pack");
    app.go("Chat");

    what_is_above_every_limit_is_told_and_can_be_amended(&app);
    no_is_no_and_a_password_is_taken_at_the_second_try(&app);
    rules_are_enacted_in_the_signers_window_hold_and_are_undone(&app);

    // What was typed to the signer is nowhere in the pages, nor could it be typed there.
    assert!(!app.source().contains("type=\"password\""));
}

fn what_is_above_every_limit_is_told_and_can_be_amended(app: &Desktop) {
    app.say("send 6 eth to bob");
    let card = app.see_answer("Not approved. Nothing was sent.");
    assert!(card.contains("Asks for a hardware key") && card.contains("$10,000 a day"), "which limit, and what it asks for: {card}");
    assert!(app.signer().words().is_empty(), "nobody is asked what nobody can approve");
    app.press("Edit");
    app.fill("Amount", "0.01");
    app.press("Change");
    let _shown = app.signer().approve("Send 0.01 ETH to Bob");
    app.see_answer("Done: Send 0.01 ETH to Bob.");
}

fn no_is_no_and_a_password_is_taken_at_the_second_try(app: &Desktop) {
    app.say("send 30 usdc to bob");
    app.signer().reject("Send 30 USDC to Bob");
    app.see_answer("Not approved. Nothing was sent.");

    app.say("send 600 usdc to bob");
    let _shown = app.signer().approve_with("Send 600 USDC to Bob", "plaj");
    let _shown = app.signer().approve_with("wrong password", "play");
    app.see_answer("Done: Send 600 USDC to Bob.");
}

fn rules_are_enacted_in_the_signers_window_hold_and_are_undone(app: &Desktop) {
    // Said in the chat.
    app.say("never let more than $700 a day leave");
    let shown = app.signer().approve_with("New rules", "play").join("\n");
    assert!(shown.contains("when more than $700 leaves in a day"), "{shown}");
    app.see_answer("The rules are in force.");
    app.say("send 100 usdc to bob");
    let card = app.see_answer("Refused by your rules");
    assert!(card.contains("$700 a day"), "{card}");

    // From the card to the rule.
    app.press("Show the rule");
    app.see("//section[@aria-label='Your own rules']//li[contains(., '$700')]");

    // What is refused can be amended to what is not.
    app.go("Chat");
    app.press("Edit");
    app.fill("Amount", "3");
    app.press("Change");
    app.see_answer("Done: Send 3 USDC to Bob.");

    // By the form.
    app.go("Rules");
    app.click(&role("tab", "Add a rule"));
    app.choose("For what", "payments");
    app.fill("Of which asset", "DAI");
    app.see("//form//p[contains(., 'of DAI.')]");
    app.press("Propose");
    let shown = app.signer().approve_with("New rules", "play").join("\n");
    assert!(shown.contains("of DAI"), "{shown}");
    app.click(&role("tab", "In sentences"));
    app.see("//section[@aria-label='Your own rules']//li[contains(., 'DAI')]");
    app.go("Chat");
    app.say("send 5 dai to bob");
    app.see_answer("Refused by your rules");

    // Taken back: the history proposes the first version again.
    app.go("Rules");
    app.click(&role("tab", "History"));
    app.press("Propose this again");
    let _shown = app.signer().approve_with("New rules", "play");
    app.click(&role("tab", "In sentences"));
    app.see("//section[@aria-label='Your own rules'][contains(., 'None yet.')]");
    app.go("Chat");
    app.say("send 5 dai to bob");
    app.see_answer("Done: Send 5 DAI to Bob.");
}
