//! Every screen in light and dark: open to everybody (axe-core), and readable at twice the text size. With
//! `PARLANCE_SCREENSHOTS=1` pictures of them are kept in `docs/images`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use parlance_tests::{
    desktop::{Desktop, Key},
    screen::APPROVER,
    world::World,
};

/// As the navigation names them.
const SCREENS: [&str; 8] = ["Chat", "Activity", "Balances", "Contacts", "Allowances", "Proofs & Loans", "Rules", "Settings"];

#[test]
fn every_screen_is_open_to_everybody_in_light_and_dark_and_at_twice_the_size() {
    let world = World::with_lender();
    let app = Desktop::start("screens", &world.data());
    app.unlock();
    let pictures = std::env::var_os("PARLANCE_SCREENSHOTS").map(|_| root().join("docs/images"));
    app.press("shoot alice fifty bucks in usdc");
    let _shown = app.signer().asks("Send 50 USDC to Alice");
    if let Some(folder) = &pictures {
        fs::create_dir_all(folder).expect("docs/images");
        app.screen.picture_of(APPROVER, &folder.join("signer.png"));
    }
    let _shown = app.signer().approve("Send 50 USDC to Alice");
    app.see_answer("Done: Send 50 USDC to Alice.");
    app.say("let uniswap take 100 usdc");
    let _shown = app.signer().approve("spend up to 100 USDC");
    app.see_answer("Done:");
    a_line_is_opened_and_drawn(&app);

    let axe = fs::read_to_string(root().join("ui/node_modules/axe-core/axe.min.js")).expect("axe-core is installed by `make test`");
    let mut found = Vec::new();
    for theme in ["Light", "Dark"] {
        app.go("Settings");
        app.choose("Theme", theme);
        app.see(&format!("/html[@data-theme='{}']/body", theme.to_lowercase()));
        for screen in SCREENS {
            app.go(screen);
            settled(&app);
            found.extend(violations(&app, &axe).into_iter().map(|v| format!("{screen}, {theme}: {v}")));
            if let Some(folder) = &pictures {
                let file = format!("{}-{}.png", screen.to_lowercase().replace(" & ", "-"), theme.to_lowercase());
                fs::write(folder.join(file), app.page()).expect("written");
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));

    // At twice the text size nothing runs out of the window sideways.
    app.go("Settings");
    app.key("//input[@type='range']", Key::End);
    app.see_text("Text size: 200 %");
    for screen in SCREENS {
        app.go(screen);
        settled(&app);
        let over = app.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(over, 0, "{screen} at 200 % is wider than the window");
    }
}

/// From the bank to the money, each step by the owner's word in the signer's window.
fn a_line_is_opened_and_drawn(app: &Desktop) {
    app.say("show Maple I have at least ten grand at my bank");
    app.see_answer("a credit line of up to 2,000 USDC goes with it");
    app.say("borrow 1500 usdc from Maple");
    let shown = app.signer().approve_with("Apply for a credit line of up to 2000 USDC", "play").join("\n");
    assert!(shown.contains("12 % a year") && shown.contains("as it calls itself"), "{shown}");
    let _shown = app.signer().approve_with("Open a credit line of up to 2000 USDC", "play");
    app.see_answer("Done: Open a credit line at Maple for up to 2,000 USDC.");
    app.say("draw 100 usdc");
    let _shown = app.signer().approve("Borrow 100 USDC");
    app.see_answer("Done: Draw 100 USDC from Maple.");
    app.go("Proofs & Loans");
    app.see("//main[contains(., 'Maple')][contains(., '1,900')]");
    app.go("Chat");
}

/// Wait until nothing is loaded or moved any more.
fn settled(app: &Desktop) {
    app.wait("the screen to settle", || {
        let busy = "return !!document.querySelector('[aria-busy=\"true\"], .loading') || document.getAnimations().some((a) => a.playState === 'running')";
        app.run(busy) == false
    });
}

fn violations(app: &Desktop, axe: &str) -> Vec<String> {
    let told = app.run_async(&format!(
        "const done = arguments[arguments.length - 1]; {axe};
         axe.run(document, {{ runOnly: ['wcag2a', 'wcag2aa'] }}).then(
           (r) => done(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + n.failureSummary).join('; '))),
           (e) => done(['axe failed: ' + e]));"
    ));
    let Some(told) = told.as_array() else { panic!("axe told {told}") };
    told.iter().map(|v| v.as_str().unwrap_or("a violation without words").to_owned()).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
