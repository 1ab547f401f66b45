//! The desktop app as a person uses it: real windows, the real signer, a real chain. One story a test, since each start costs.

use std::path::Path;

use parlance_tests::{desktop::Desktop, world::World};

const SCREENS: [&str; 7] = ["Chat", "Activity", "Balances", "Contacts", "Allowances", "Rules", "Settings"];

#[test]
fn from_the_first_message_to_a_receipt_and_what_the_rules_say() {
    let world = World::up();
    let app = Desktop::start("story", &world.data());
    app.see_text("Play money");
    app.unlock();

    // A suggestion is a click; the signer's window asks; the receipt comes.
    app.press("shoot alice fifty bucks in usdc");
    app.approve();
    app.see_text("Done: Send 50 USDC to Alice.");
    app.see("//aside//*[contains(., '4,950')]");
    app.go("Activity");
    app.see("//main//button[contains(., 'Send 50 USDC to Alice')]");
    // The history of rules begins with what this wallet sees first.
    app.go("Rules");
    app.see_text("Rules of the pack");
    app.go("Chat");

    // A no is a no; edited in place, the same wish goes through with a yes.
    app.say("send 30 usdc to bob");
    app.reject();
    app.see_text("Not approved. Nothing was sent.");
    app.press("Edit");
    app.fill("Amount", "20");
    app.press("Change");
    app.approve();
    app.see_text("Done: Send 20 USDC to Bob.");

    // Above the limit of clicks: the password.
    app.say("send 600 usdc to bob");
    app.approve_with("play");
    app.see_text("Done: Send 600 USDC to Bob.");

    // A rule said in chat is enacted with the password, and then it holds.
    app.say("never let more than $700 a day leave");
    app.approve_with("play");
    app.go("Rules");
    app.see("//section[@aria-label='Your own rules']//li[contains(., '$700')]");
    app.go("Chat");
    app.say("send 100 usdc to bob");
    app.see_text("Refused by your rules");
    app.press("Show the rule");
    app.see_text("The signer decides by these rules");

    // And taken back: the history proposes the version before.
    app.press("History");
    app.press("Propose this again");
    app.approve_with("play");
    app.press("In sentences");
    app.see_text("None yet.");

    // What was typed to the signer is nowhere in this process's pages.
    assert!(!app.source().contains("type=\"password\""));
}

#[test]
fn a_question_is_taken_back_the_wallet_locks_and_lost_processes_come_back() {
    let world = World::up();
    let mut app = Desktop::start("losses", &world.data());
    app.unlock();

    app.say("send 30 usdc to bob");
    app.signer_asks();
    app.press("Take it back");
    app.screen.wait_for_no_window();
    app.see_text("Not approved. Nothing was sent.");

    app.click("//footer//button[contains(., 'Unlocked')]");
    app.see("//footer//button[contains(., 'Locked')]");
    app.say("how much usdc do i have");
    app.unlock();
    app.see_text("You have 5,000 USDC");

    // The model's worker is gone: the next message starts another.
    let worker = app.descendants(app.process("parlance-desktop"), "parlance-llm");
    worker.iter().for_each(|id| app.kill(*id));
    app.say("how much dai do i have");
    app.see_text("You have 1,000 DAI");

    // The web process is gone: its pages come back with the conversation.
    let web = app.descendants(app.process("parlance-desktop"), "WebKitWebProcess");
    assert!(!web.is_empty(), "no web process below the app");

    // The node is gone, and comes back.
    world.stop();
    app.see("//footer//button[contains(., 'does not answer')]");
    app.say("how much usdc do i have");
    app.see("//article[last()]//*[contains(@class, 'problem')]");
    world.start();
    app.see("//footer//button[contains(., 'block')]");

    // Everything dies while the signer asks: nothing was sent, and the chat says so.
    app.say("send 30 usdc to bob");
    app.signer_asks();
    let (window, signer) = (app.process("parlance-desktop"), app.process("parlance-signer"));
    app.kill(window);
    app.kill(signer);
    app.close();
    app.open();
    app.unlock();
    app.see_text("Before the restart this was not sent: Send 30 USDC to Bob");

    // A second start shows the window that is open.
    let again = app.command(&parlance_tests::programs::program("parlance")).arg("--data").arg(world.data()).output().expect("starts");
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
}

#[test]
fn every_screen_is_open_to_everybody_in_light_and_dark() {
    let world = World::up();
    let app = Desktop::start("screens", &world.data());
    app.unlock();
    app.press("shoot alice fifty bucks in usdc");
    app.approve();
    app.see_text("Done: Send 50 USDC to Alice.");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let axe = std::fs::read_to_string(root.join("ui/node_modules/axe-core/axe.min.js")).expect("axe-core is installed by `make test`");
    let pictures = std::env::var_os("PARLANCE_SCREENSHOTS").map(|_| root.join("docs/images"));
    let mut found = Vec::new();
    for theme in ["light", "dark"] {
        app.go("Settings");
        app.see_text("Appearance");
        let _ = app.run(&format!(
            "const s = [...document.querySelectorAll('select')].find((s) => [...s.options].some((o) => o.value === 'dark')); s.value = '{theme}'; s.dispatchEvent(new Event('change', {{ bubbles: true }}));"
        ));
        app.see(&format!("/html[@data-theme='{theme}']/body"));
        for screen in SCREENS {
            app.go(screen);
            // Long enough for what is read to be there.
            std::thread::sleep(std::time::Duration::from_millis(1500));
            let told = app.run_async(&format!(
                "const done = arguments[arguments.length - 1]; {axe}; axe.run(document, {{ runOnly: ['wcag2a', 'wcag2aa'] }}).then((r) => done(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + n.failureSummary).join('; '))), (e) => done(['axe: ' + e]));"
            ));
            for violation in told.as_array().into_iter().flatten() {
                found.push(format!("{screen}, {theme}: {}", violation.as_str().unwrap_or_default()));
            }
            if let Some(folder) = &pictures {
                std::fs::create_dir_all(folder).expect("docs/images");
                std::fs::write(folder.join(format!("{}-{theme}.png", screen.to_lowercase())), app.page()).expect("written");
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
