//! In a real window, under a real window manager, by real key presses.

use std::time::Duration;

use parlance_signer_protocol::Outcome;
use parlance_signer_protocol::approver::{Prompt, ToApprover, Verdict};

use parlance_tests::screen::{Screen, until};

use super::approver::Approver;
use super::signer::{change, is, new_rules, payment};

#[test]
fn a_window_that_comes_up_under_somebodys_fingers_approves_nothing() {
    let mut a = Approver::start();
    let id = a.signer.ask(payment(Outcome::Click), 60);
    a.screen.wait_for_window();
    a.screen.press(&["alt+a", "alt+a"]);
    a.signer.silent_for(Duration::from_millis(300));
    a.screen.press(&["Return"]);
    assert_eq!(is(&a.signer.answer(id)), "rejected", "Enter is on Reject");

    let id = a.signer.ask(payment(Outcome::Click), 60);
    a.screen.press(&["space"]);
    assert_eq!(is(&a.signer.answer(id)), "rejected", "so is the space bar");
}

#[test]
fn after_a_look_a_key_approves() {
    let mut a = Approver::start();
    let id = a.signer.ask(payment(Outcome::Click), 60);
    a.screen.wait_for_window();
    a.look();
    a.screen.shot("approval");
    a.screen.press(&["alt+a"]);
    assert!(matches!(a.signer.answer(id), Verdict::Approved { password: None }));

    // By Tab as well.
    let id = a.signer.ask(change(Outcome::Click), 60);
    a.look();
    a.screen.press(&["Tab", "Return"]);
    assert!(matches!(a.signer.answer(id), Verdict::Approved { password: None }));
    a.signer.say(&ToApprover::Rest {});
    a.screen.wait_for_no_window();

    for key in ["Escape", "alt+r"] {
        let id = a.signer.ask(change(Outcome::Click), 60);
        a.screen.wait_for_window();
        a.settle();
        a.screen.press(&[key]);
        assert_eq!(is(&a.signer.answer(id)), "rejected", "{key}");
        a.signer.say(&ToApprover::Rest {});
        a.screen.wait_for_no_window();
    }
}

#[test]
fn a_click_with_the_mouse_counts_after_the_same_time() {
    let mut a = Approver::start();
    let id = a.signer.ask(payment(Outcome::Click), 60);
    let window = a.screen.wait_for_window();
    // Where "Approve" is, at the bottom on the right.
    a.screen.click(&window, 480, 685);
    a.signer.silent_for(Duration::from_millis(200));
    a.look();
    a.screen.click(&window, 480, 685);
    assert!(matches!(a.signer.answer(id), Verdict::Approved { password: None }));
    let id = a.signer.ask(payment(Outcome::Click), 60);
    a.settle();
    a.screen.click(&window, 160, 685);
    assert_eq!(is(&a.signer.answer(id)), "rejected");
}

#[test]
fn another_window_in_between_starts_the_time_again() {
    let mut a = Approver::start();
    let id = a.signer.ask(payment(Outcome::Click), 60);
    let window = a.screen.wait_for_window();
    a.look();
    // It loses the focus, and gets it back.
    let unfocused = a.screen.command("xdotool").args(["windowminimize", "--sync", &window]).status().expect("xdotool");
    assert!(unfocused.success());
    let back = a.screen.command("xdotool").args(["windowactivate", "--sync", &window]).status().expect("xdotool");
    assert!(back.success());
    a.screen.press(&["alt+a"]);
    a.signer.silent_for(Duration::from_millis(500));
    a.look();
    a.screen.press(&["alt+a"]);
    assert!(matches!(a.signer.answer(id), Verdict::Approved { password: None }));
}

#[test]
fn level_2_takes_the_password_as_typed() {
    let mut a = Approver::start();
    let id = a.signer.ask(payment(Outcome::Password), 60);
    a.screen.wait_for_window();
    a.look();
    // Without one, nothing is approved.
    a.screen.press(&["alt+a"]);
    a.signer.silent_for(Duration::from_millis(300));
    a.screen.press(&["alt+p"]);
    a.screen.type_text("correct horse x");
    a.screen.press(&["BackSpace", "Left", "Left", "Delete"]);
    a.screen.shot("password");
    a.screen.press(&["Return"]);
    let Verdict::Approved { password: Some(password) } = a.signer.answer(id) else { panic!("expected an approval") };
    assert_eq!(password, "correct hors ");

    // The signer asks again where it was wrong; what was typed before is gone.
    let id = a.signer.ask(payment(Outcome::Password), 60);
    a.look();
    a.screen.press(&["alt+p"]);
    a.screen.type_text("play");
    a.screen.press(&["alt+a"]);
    let Verdict::Approved { password: Some(password) } = a.signer.answer(id) else { panic!("expected an approval") };
    assert_eq!(password, "play");
}

#[test]
fn closing_the_window_is_a_no() {
    let mut a = Approver::start();
    let id = a.signer.ask(payment(Outcome::Click), 60);
    let window = a.screen.wait_for_window();
    a.screen.quit(&window);
    assert_eq!(is(&a.signer.answer(id)), "rejected");
    a.screen.wait_for_no_window();
    // The next question gets a window of its own.
    let id = a.signer.ask(payment(Outcome::Click), 60);
    a.screen.wait_for_window();
    a.screen.press(&["Escape"]);
    assert_eq!(is(&a.signer.answer(id)), "rejected");
}

#[test]
fn a_question_that_is_taken_back_closes() {
    let mut a = Approver::start();
    let id = a.signer.ask(payment(Outcome::Click), 60);
    a.screen.wait_for_window();
    a.signer.say(&ToApprover::Withdraw { id });
    a.screen.wait_for_no_window();
    a.signer.silent_for(Duration::from_millis(200));
    // A late word about it leaves the next one alone.
    let next = a.signer.ask(payment(Outcome::Click), 60);
    a.signer.say(&ToApprover::Withdraw { id });
    a.signer.say(&ToApprover::Rest {});
    a.screen.wait_for_window();
    a.look();
    a.screen.press(&["alt+a"]);
    assert_eq!(is(&a.signer.answer(next)), "approved");
}

#[test]
fn silence_is_no_answer_and_a_signer_that_goes_away_ends_the_program() {
    let mut a = Approver::start();
    let id = a.signer.ask(payment(Outcome::Click), 2);
    assert_eq!(is(&a.signer.answer(id)), "timed out");
    a.screen.wait_for_no_window();
    a.signer.ask(payment(Outcome::Click), 60);
    a.screen.wait_for_window();
    a.signer.socket.shutdown(std::net::Shutdown::Both).expect("shutdown");
    until("the end", || a.child.try_wait().expect("own child").is_some());
    assert!(a.child.wait().expect("ended").success());
}

#[test]
fn everything_can_be_locked_from_the_window() {
    let mut a = Approver::start();
    let id = a.signer.ask(payment(Outcome::Click), 60);
    a.screen.wait_for_window();
    a.settle();
    a.screen.press(&["ctrl+shift+l"]);
    assert_eq!(is(&a.signer.answer(id)), "incident");
}

#[test]
fn secrets_are_typed_and_words_are_shown() {
    let mut a = Approver::start();
    let id = a.signer.ask(Prompt::Password { title: "Unlock your wallet".into(), notes: vec!["Its password is `play`.".into()] }, 60);
    a.screen.wait_for_window();
    a.settle();
    a.screen.type_text("play");
    a.screen.shot("unlock");
    a.screen.press(&["Return"]);
    let Verdict::Secret { text } = a.signer.answer(id) else { panic!("expected a password") };
    assert_eq!(text, "play");

    let id = a.signer.ask(Prompt::NewPassword { title: "Choose a password".into(), min_chars: 8, notes: vec![] }, 60);
    a.settle();
    a.screen.type_text("long enough");
    a.screen.press(&["Return"]);
    a.screen.type_text("long enouhg");
    a.screen.press(&["Return"]);
    a.signer.silent_for(Duration::from_millis(300));
    a.screen.shot("new-password");
    a.screen.press(&["BackSpace", "BackSpace", "BackSpace"]);
    a.screen.type_text("ufh");
    a.screen.press(&["Return"]);
    a.signer.silent_for(Duration::from_millis(300));
    a.screen.press(&["ctrl+u"]);
    a.screen.type_text("long enough");
    a.screen.press(&["Return"]);
    let Verdict::Secret { text } = a.signer.answer(id) else { panic!("expected a password") };
    assert_eq!(text, "long enough");

    let words: Vec<String> =
        "abandon ability able about above absent absorb abstract absurd abuse access accident".split(' ').map(str::to_owned).collect();
    let id = a.signer.ask(Prompt::ShowSecret { title: "Your recovery phrase".into(), words, notes: vec!["On paper.".into()] }, 60);
    a.settle();
    a.screen.shot("words");
    a.screen.press(&["alt+g"]);
    a.signer.silent_for(Duration::from_millis(500));
    std::thread::sleep(Duration::from_secs(5));
    a.screen.press(&["alt+g"]);
    assert!(matches!(a.signer.answer(id), Verdict::Approved { password: None }));

    let id = a.signer.ask(Prompt::SecretText { title: "Word number 3".into(), notes: vec!["From your paper.".into()] }, 60);
    a.settle();
    a.screen.type_text("able");
    a.screen.shot("secret-text");
    a.screen.press(&["Return"]);
    let Verdict::Secret { text } = a.signer.answer(id) else { panic!("expected a word") };
    assert_eq!(text, "able");
}

#[test]
fn choices_texts_and_notices_go_by_keyboard() {
    let mut a = Approver::start();
    let options: Vec<String> = ["A new wallet", "I have a phrase", "I have a backup"].map(str::to_owned).into();
    for (keys, expected) in [(&["2", "Return"][..], 1), (&["Down", "Down", "Down", "Return"][..], 2), (&["9", "1", "alt+g"][..], 0)] {
        let id = a.signer.ask(Prompt::Choose { title: "What shall it hold?".into(), options: options.clone() }, 60);
        a.screen.wait_for_window();
        a.settle();
        a.screen.press(&["Return"]);
        a.signer.silent_for(Duration::from_millis(200));
        a.screen.press(keys);
        let Verdict::Chosen { index } = a.signer.answer(id) else { panic!("expected a choice") };
        assert_eq!(index, expected, "{keys:?}");
    }
    let id = a.signer.ask(Prompt::Text { title: "Name of the account".into(), notes: vec!["For your own eyes.".into()] }, 60);
    a.settle();
    a.screen.type_text(" Savings ");
    a.screen.shot("text");
    a.screen.press(&["Return"]);
    let Verdict::Text { text } = a.signer.answer(id) else { panic!("expected a text") };
    assert_eq!(text, "Savings");

    let id = a.signer.ask(Prompt::Notice { title: "Incident".into(), lines: vec!["The wallet is locked.".into()] }, 60);
    a.settle();
    a.screen.shot("notice");
    a.screen.press(&["Return"]);
    assert!(matches!(a.signer.answer(id), Verdict::Approved { password: None }));
}

/// Twice the size, in the dark: what matters can still be reached, and the buttons stay in sight.
#[test]
fn at_200_percent_a_person_scrolls_first() {
    let mut a = Approver::start_on(Screen::start(), &["--theme", "dark"], &[]);
    let id = a.signer.ask(payment(Outcome::Click), 60);
    a.screen.wait_for_window();
    a.settle();
    a.screen.shot("approval-dark");
    for _ in 0..10 {
        // Two presses within one frame count once.
        a.screen.press(&["ctrl+plus"]);
        std::thread::sleep(Duration::from_millis(250));
    }
    a.screen.press(&["Escape"]);
    assert_eq!(is(&a.signer.answer(id)), "rejected");
    a.signer.say(&ToApprover::Rest {});
    a.screen.wait_for_no_window();

    // The next window has the size that was chosen.
    let id = a.signer.ask(payment(Outcome::Click), 60);
    a.screen.wait_for_window();
    a.look();
    a.screen.shot("approval-dark-200");
    a.screen.press(&["alt+a"]);
    a.signer.silent_for(Duration::from_millis(300));
    a.screen.press(&["Next"; 6]);
    a.look();
    a.screen.shot("approval-dark-200-below");
    a.screen.press(&["alt+a"]);
    assert_eq!(is(&a.signer.answer(id)), "approved");

    let id = a.signer.ask(new_rules(), 60);
    a.look();
    a.screen.shot("rules-dark-200");
    a.screen.press(&["alt+p"]);
    a.screen.type_text("play");
    a.screen.press(&["Return"]);
    a.signer.silent_for(Duration::from_millis(300));
    a.screen.press(&["Next"; 6]);
    a.look();
    a.screen.shot("rules-dark-200-below");
    a.screen.press(&["Return"]);
    assert_eq!(is(&a.signer.answer(id)), "approved");

    let id = a.signer.ask(new_rules(), 60);
    a.screen.press(&["ctrl+0"]);
    a.look();
    a.screen.shot("rules-dark");
    a.screen.press(&["Escape"]);
    assert_eq!(is(&a.signer.answer(id)), "rejected");
}
