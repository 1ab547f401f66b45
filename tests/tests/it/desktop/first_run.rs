//! The first run: a wallet comes to be in the signer's window, and what is typed or shown there stays there.

use parlance_tests::desktop::{Desktop, names::role_with, processes::Process};

const PASSWORD: &str = "correct horse battery staple 77";

#[test]
fn a_new_wallet_is_made_in_three_steps_and_its_words_are_on_paper_only() {
    let folder = tempfile::tempdir().expect("tempdir");
    let app = Desktop::start("new-wallet", &folder.path().join("wallet"));
    app.see_text("Welcome to Parlance");
    app.press("Continue");
    app.click(&role_with("button", "A new wallet"));
    app.see_text("Continue in the signer's window.");
    app.see("//ol[@aria-label='Three steps']/li[2][@aria-current='step']");
    app.signer().choose("What shall this wallet hold?", "12 words");
    let words = app.signer().note_words("Your recovery phrase");
    assert_eq!(words.len(), 12);
    read_back(&app, &words);
    password(&app);
    app.see_text("Your wallet is ready");
    app.see("//ol[@aria-label='Three steps']/li[3][@aria-current='step']");
    nothing_of_it_is_elsewhere(&app, &words.join(" "));
    app.press("Open the chat");
    app.see_text("What would you like to do?");
}

#[test]
fn a_wallet_is_imported_in_the_signers_window_and_its_password_stays_there() {
    const PHRASE: &str = "test test test test test test test test test test test junk";
    let folder = tempfile::tempdir().expect("tempdir");
    let mut app = Desktop::start("import", &folder.path().join("wallet"));
    app.see_text("Welcome to Parlance");
    app.press("Continue");
    app.click(&role_with("button", "I have a recovery phrase"));
    app.signer().choose("What shall this wallet hold?", "I have a recovery phrase");
    // A word that is wrong is told, and nothing is lost by it.
    app.signer().type_secret("Your recovery phrase", &PHRASE.replace("junk", "jonk"));
    app.signer().type_secret("word 12 is not in the English BIP-39 list", PHRASE);
    app.signer().choose("Does the phrase have a passphrase?", "No");
    password(&app);
    app.see_text("Your wallet is ready");
    let page = app.source();
    assert!(page.contains("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"), "the first account of the phrase");
    nothing_of_it_is_elsewhere(&app, PHRASE);

    // The next start asks for the password, and still nothing of it is elsewhere.
    app.close();
    app.open();
    app.signer().type_secret("Unlock your wallet", PASSWORD);
    app.see(&role_with("button", "Unlocked"));
    nothing_of_it_is_elsewhere(&app, PHRASE);
}

/// The check of what was written down.
fn read_back(app: &Desktop, words: &[String]) {
    let mut asked = Vec::new();
    loop {
        let mut next = None;
        app.wait("the next question", || {
            let shown = app.signer().words();
            let number = |name: &String| name.strip_prefix("Word number ").and_then(|n| n.parse::<usize>().ok());
            next = shown.iter().find_map(number).filter(|n| !asked.contains(n));
            next.is_some() || shown.iter().any(|name| name == "No keyring")
        });
        let Some(number) = next else { break };
        asked.push(number);
        app.signer().type_secret(&format!("Word number {number}"), &words[number - 1]);
    }
    assert!(asked.len() >= 2, "some are asked: {asked:?}");
}

/// There is no keyring here: it is said, and the password has to be longer.
fn password(app: &Desktop) {
    app.signer().go_on("There is no keyring in this session.");
    app.signer().type_new_password("New password", PASSWORD);
    app.signer().go_on("Your wallet is ready");
    app.signer().closes();
}

fn nothing_of_it_is_elsewhere(app: &Desktop, phrase: &str) {
    let page = app.source();
    assert!(
        !page.contains(PASSWORD) && !page.contains(phrase) && !page.contains("type=\"password\""),
        "a secret, or room for one, in the pages"
    );
    let said = app.said();
    assert!(!said.contains(PASSWORD) && !said.contains(phrase), "a secret in standard error:\n{said}");
    let told_nothing = ["parlance", "parlance-desktop", "parlance-llm", "WebKitWebProcess", "WebKitNetworkProcess"];
    let all: Vec<Process> = app.processes().into_iter().filter(|p| told_nothing.contains(&p.name.as_str())).collect();
    assert_eq!(all.len(), told_nothing.len(), "{all:?}");
    for process in all {
        for secret in [PASSWORD, phrase] {
            assert!(!process.holds(secret).expect("a process of the same user"), "a secret in the memory of {process:?}");
        }
    }
}
