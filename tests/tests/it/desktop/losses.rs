//! What is lost meanwhile: the owner's wish, the signer's keys, the model, the pages, the node, everything.

use parlance_tests::{
    desktop::{Desktop, names::role, names::role_with},
    programs::program,
    world::World,
};

#[test]
fn a_question_is_taken_back_the_wallet_locks_and_lost_processes_come_back() {
    let world = World::up();
    let mut app = Desktop::start("losses", &world.data());
    app.unlock();

    // Taken back.
    app.say("send 30 usdc to bob");
    let _shown = app.signer().asks("Send 30 USDC to Bob");
    app.press("Take it back");
    app.signer().closes();
    app.see_answer("Not approved. Nothing was sent.");

    // Locked: what needs the signer asks for the password first.
    app.press("Unlocked");
    app.see(&role("button", "Locked"));
    app.say("send 5 usdc to bob");
    app.unlock();
    let _shown = app.signer().approve("Send 5 USDC to Bob");
    app.see_answer("Done: Send 5 USDC to Bob.");

    // The model's worker is gone: the next message starts another.
    let worker = app.process("parlance-llm");
    worker.kill();
    app.wait("the worker's end", || !worker.runs());
    app.say("how much dai do i have");
    app.see_answer("You have 1,000 DAI");
    assert_ne!(app.process("parlance-llm").id, worker.id);

    // The pages' process is gone: another shows them with the conversation.
    let pages = app.process("WebKitWebProcess");
    pages.kill();
    app.wait("other pages", || app.processes().iter().any(|p| p.name == pages.name && p.id != pages.id));
    app.attach();
    app.see_answer("You have 1,000 DAI");
    app.see_text("Done: Send 5 USDC to Bob.");

    the_node_goes_and_comes_back(&app, &world);
    app.close();
}

fn the_node_goes_and_comes_back(app: &Desktop, world: &World) {
    world.stop();
    app.see(&role_with("button", "does not answer"));
    app.say("send 7 usdc to bob");
    let told = app.see_answer("is out of reach");
    assert!(told.contains("Nothing was sent."), "{told}");
    world.start();
    app.see(&role_with("button", "Local play chain, block"));
    app.say("send 7 usdc to bob");
    // Paid before, and little: nobody is asked.
    app.see_answer("Done: Send 7 USDC to Bob.");
}

#[test]
fn a_wallet_that_dies_at_the_approval_has_sent_nothing_and_says_so_and_a_second_start_shows_the_first() {
    let world = World::up();
    let mut app = Desktop::start("death", &world.data());
    app.unlock();
    app.say("send 30 usdc to bob");
    let _shown = app.signer().asks("Send 30 USDC to Bob");
    let family = app.processes();
    app.process("parlance-desktop").kill();
    app.process("parlance-signer").kill();
    let status = app.ended();
    assert!(!status.success(), "it was killed, and the launcher says so");
    app.wait("the end of all its processes", || family.iter().all(|p| !p.runs()));

    app.open();
    app.unlock();
    app.see_answer("Before the restart this was not sent: Send 30 USDC to Bob");
    app.say("how much usdc do i have");
    app.see_answer("You have 5,000 USDC");
    // What was lost can be taken up by a word, and is sent once.
    app.say("send 20 usdc to bob");
    let _shown = app.signer().approve("Send 20 USDC to Bob");
    app.see_answer("Done: Send 20 USDC to Bob.");
    app.say("how much usdc do i have");
    app.see_answer("You have 4,980 USDC");

    // Another start shows this window and ends.
    let hidden = app.screen.windows("^Parlance$");
    hidden.iter().for_each(|window| app.screen.minimize(window));
    app.wait("the window to be out of sight", || app.screen.windows("^Parlance$").is_empty());
    let again = app.command(&program("parlance")).arg("--data").arg(world.data()).output().expect("starts");
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    app.wait("the window to be shown", || !app.screen.windows("^Parlance$").is_empty());
    assert_eq!(app.processes().iter().filter(|p| p.name == "parlance-desktop").count(), 1);
    app.close();
}
