//! On a real pseudo-terminal.

use std::process::Command;

use alloy_primitives::B256;
use parlance_signer_protocol::Outcome;
use parlance_signer_protocol::approver::{Prompt, ToApprover, Verdict};
use parlance_tests::pty::Pty;

use super::signer::{ALICE, Signer, application, change};

struct Approver {
    pty: Pty,
    signer: Signer,
}

impl Approver {
    fn start() -> Self {
        let (mut signer, inherited) = Signer::new();
        let mut command = Command::new(env!("CARGO_BIN_EXE_parlance-approve"));
        command.arg("--signer-fd").arg(inherited.to_string());
        let pty = Pty::start(&command, false);
        assert_eq!(signer.hello(), "terminal");
        Self { pty, signer }
    }

    fn ask(&mut self, prompt: Prompt, seconds: u32) -> B256 {
        self.signer.ask(prompt, seconds)
    }

    fn answer(&mut self, id: B256) -> Verdict {
        self.signer.answer(id)
    }
}

#[test]
fn only_the_word_yes_approves() {
    let mut a = Approver::start();
    for (typed, approved) in
        [("yes", true), ("YES", true), ("y", false), ("", false), ("yes please", false), ("\x03", false), ("\x1b", false)]
    {
        let id = a.ask(change(Outcome::Click), 60);
        let shown = a.pty.expect("anything else rejects");
        assert!(shown.contains(&ALICE.to_checksum(None)), "the full address is shown: {shown}");
        assert!(!shown.contains('\u{202e}'));
        a.pty.type_line(typed);
        let verdict = a.answer(id);
        assert_eq!(matches!(verdict, Verdict::Approved { password: None }), approved, "typed {typed:?}");
    }
}

#[test]
fn the_terms_of_credit_stand_side_by_side_and_the_lenders_words_are_a_quote() {
    let mut a = Approver::start();
    let id = a.ask(application(), 60);
    let shown = a.pty.expect("Type your password");
    for line in [
        "Apply for a credit line of up to 2000 USDC at 0xCf7E",
        "Costs about $0.00 now. What is borrowed has to be paid back, with interest.",
        "Lender      “Maple'. Approved by the signer: 'yes”, as it calls itself",
        "Limit       2000 USDC",
        "Interest    12 % a year",
        "Repaid      every 30 days",
        "Proved      a balance of at least 10000 USD",
        "Offer ends  2028-01-15 08:00 UTC",
        "The lender says:",
        "“Pay back in time.",
        "A tenth is due each cycle.”",
    ] {
        assert!(shown.contains(line), "no {line:?} in {shown}");
    }
    assert!(!shown.contains("\u{1b}[2J\u{202e}") && !shown.contains('\u{202e}'));
    a.pty.type_line("\x1b");
    assert!(matches!(a.answer(id), Verdict::Rejected));
}

#[test]
fn what_was_typed_ahead_answers_nothing() {
    let mut a = Approver::start();
    a.pty.type_raw("yes\ryes\r");
    std::thread::sleep(std::time::Duration::from_millis(200));
    let id = a.ask(change(Outcome::Click), 2);
    assert!(matches!(a.answer(id), Verdict::TimedOut));
}

#[test]
fn a_password_is_taken_without_showing_it() {
    let mut a = Approver::start();
    let id = a.ask(change(Outcome::Password), 60);
    a.pty.expect("Type your password");
    a.pty.type_line("hunter2 wörd\x7f\x7fd");
    let Verdict::Approved { password: Some(password) } = a.answer(id) else { panic!("expected an approval") };
    assert_eq!(password, "hunter2 wöd");
    assert!(!a.pty.screen().contains("hunter2"));

    let id = a.ask(change(Outcome::Password), 60);
    a.pty.expect("Type your password");
    a.pty.type_line("");
    assert!(matches!(a.answer(id), Verdict::Rejected));
}

#[test]
fn a_new_password_is_long_enough_and_typed_twice() {
    let mut a = Approver::start();
    let id = a.ask(Prompt::NewPassword { title: "Choose a password".into(), min_chars: 8, notes: vec![] }, 60);
    a.pty.expect("New password");
    a.pty.type_line("short");
    a.pty.expect("That has 5 characters; 8 are needed");
    a.pty.type_line("long enough");
    a.pty.expect("once more");
    a.pty.type_line("long enouhg");
    a.pty.expect("differ");
    a.pty.type_line("long enough");
    a.pty.expect("once more");
    a.pty.type_line("long enough");
    let Verdict::Secret { text } = a.answer(id) else { panic!("expected a password") };
    assert_eq!(text, "long enough");
}

#[test]
fn a_shown_phrase_leaves_the_screen() {
    let mut a = Approver::start();
    let words = (0..12).map(|i| format!("word{i}")).collect();
    let id = a.ask(Prompt::ShowSecret { title: "Write these down".into(), words, notes: vec!["On paper.".into()] }, 60);
    a.pty.expect("word11");
    a.pty.type_line("");
    assert!(matches!(a.answer(id), Verdict::Approved { .. }));
    a.pty.expect("\x1b[3J");
}

#[test]
fn a_choice_is_a_number_in_range() {
    let mut a = Approver::start();
    let id = a.ask(Prompt::Choose { title: "Which?".into(), options: vec!["Create".into(), "Import".into()] }, 60);
    a.pty.expect("1 to 2");
    a.pty.type_line("3");
    a.pty.expect("expected a number from 1 to 2");
    a.pty.type_line("2");
    assert!(matches!(a.answer(id), Verdict::Chosen { index: 1 }));
}

#[test]
fn a_signer_that_goes_away_ends_the_question_and_the_program() {
    let mut a = Approver::start();
    let _ = a.ask(change(Outcome::Click), 60);
    a.pty.expect("anything else rejects");
    a.signer.socket.shutdown(std::net::Shutdown::Both).expect("shutdown");
    a.pty.expect("took the question back");
    a.pty.wait();
}

#[test]
fn a_question_that_is_taken_back_ends_and_the_next_one_is_asked() {
    let mut a = Approver::start();
    let id = a.ask(change(Outcome::Click), 60);
    a.pty.expect("anything else rejects");
    a.signer.say(&ToApprover::Withdraw { id });
    a.signer.say(&ToApprover::Rest {});
    a.pty.expect("took the question back");
    // Counts for nothing at the signer, which has ended the question.
    assert!(matches!(a.answer(id), Verdict::Rejected));
    a.signer.say(&ToApprover::Withdraw { id });
    let id = a.ask(change(Outcome::Click), 60);
    a.pty.expect("anything else rejects");
    a.pty.type_line("yes");
    assert!(matches!(a.answer(id), Verdict::Approved { .. }));
}

/// Without a terminal and without a display; asked for a window or not.
#[test]
fn without_a_terminal_there_is_nobody_to_ask() {
    for window in [false, true] {
        let (mut signer, inherited) = Signer::new();
        let mut command = Command::new("setsid");
        command.arg("--wait").arg(env!("CARGO_BIN_EXE_parlance-approve")).arg("--signer-fd").arg(inherited.to_string());
        if window {
            command.arg("--window");
        }
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
        let mut child = command.spawn().expect("starts");
        assert_eq!(signer.hello(), "none");
        let id = signer.ask(change(Outcome::Click), 5);
        assert!(matches!(signer.answer(id), Verdict::Unavailable { .. }));
        signer.socket.shutdown(std::net::Shutdown::Both).expect("shutdown");
        child.wait().expect("ends");
    }
}

#[test]
fn where_no_window_can_be_opened_the_terminal_is_asked() {
    let (mut signer, inherited) = Signer::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlance-approve"));
    command.arg("--window").arg("--signer-fd").arg(inherited.to_string());
    // A display that nobody serves.
    command.env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET").env("DISPLAY", ":64999");
    let mut pty = Pty::start(&command, false);
    pty.expect("no window can be opened");
    assert_eq!(signer.hello(), "terminal");
    let id = signer.ask(change(Outcome::Click), 60);
    pty.expect("anything else rejects");
    pty.type_line("yes");
    assert!(matches!(signer.answer(id), Verdict::Approved { .. }));
}
