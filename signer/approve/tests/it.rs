//! The real approver on a real pseudo-terminal, with this test as the signer.

use std::{
    os::{fd::AsFd, unix::net::UnixStream},
    process::Command,
};

use alloy_primitives::B256;
use parlance_signer_protocol::{
    Outcome,
    approver::{Answer, Ask, Hello, Prompt, Verdict},
    read_frame, write_frame,
};
use parlance_tests::pty::Pty;

struct Approver {
    pty: Pty,
    socket: UnixStream,
    count: u8,
}

impl Approver {
    fn start() -> Self {
        let (socket, theirs) = UnixStream::pair().expect("socket pair");
        // A descriptor without close-on-exec, which the approver inherits.
        let inherited = rustix_dup(&theirs);
        let mut command = Command::new(env!("CARGO_BIN_EXE_parlance-approve"));
        command.arg("--signer-fd").arg(inherited.to_string());
        let pty = Pty::start(&command, false);
        drop(theirs);
        let mut approver = Self { pty, socket, count: 0 };
        let hello: Hello = read_frame(&mut approver.socket).expect("hello");
        assert_eq!(hello.kind, "terminal");
        approver
    }

    fn ask(&mut self, prompt: Prompt, seconds: u32) -> B256 {
        self.count += 1;
        let id = B256::repeat_byte(self.count);
        write_frame(&mut self.socket, &Ask { id, seconds, prompt }).expect("sent");
        id
    }

    fn answer(&mut self, id: B256) -> Verdict {
        let answer: Answer = read_frame(&mut self.socket).expect("answer");
        assert_eq!(answer.id, id);
        answer.verdict
    }
}

/// A copy of the socket that survives `exec`; it stays open in this process until the test ends.
fn rustix_dup(socket: &UnixStream) -> i32 {
    use std::os::fd::IntoRawFd;
    let copy = rustix::io::fcntl_dupfd_cloexec(socket.as_fd(), 100).expect("dup");
    rustix::io::fcntl_setfd(&copy, rustix::io::FdFlags::empty()).expect("fcntl");
    copy.into_raw_fd()
}

fn change(level: Outcome) -> Prompt {
    Prompt::Change {
        title: "New contact".into(),
        old: vec![],
        new: vec!["Alice 0x52908400098527886E0F7030069857D2E4169EE7".into()],
        notes: vec!["Payments below your limits wait 24 hours.".into()],
        quote: Some("save alice \u{202e}evil".into()),
        level,
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
        assert!(shown.contains("0x52908400098527886E0F7030069857D2E4169EE7"), "the full address is shown: {shown}");
        assert!(!shown.contains('\u{202e}'));
        a.pty.type_line(typed);
        let verdict = a.answer(id);
        assert_eq!(matches!(verdict, Verdict::Approved { password: None }), approved, "typed {typed:?}");
    }
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
    a.socket.shutdown(std::net::Shutdown::Both).expect("shutdown");
    a.pty.expect("took the question back");
    a.pty.wait();
}

#[test]
fn without_a_terminal_there_is_nobody_to_ask() {
    let (mut socket, theirs) = UnixStream::pair().expect("socket pair");
    let inherited = rustix_dup(&theirs);
    let mut child = Command::new("setsid")
        .arg("--wait")
        .arg(env!("CARGO_BIN_EXE_parlance-approve"))
        .arg("--signer-fd")
        .arg(inherited.to_string())
        .spawn()
        .expect("starts");
    drop(theirs);
    let hello: Hello = read_frame(&mut socket).expect("hello");
    assert_eq!(hello.kind, "none");
    write_frame(&mut socket, &Ask { id: B256::ZERO, seconds: 5, prompt: change(Outcome::Click) }).expect("sent");
    let answer: Answer = read_frame(&mut socket).expect("answer");
    assert!(matches!(answer.verdict, Verdict::Unavailable { .. }));
    socket.shutdown(std::net::Shutdown::Both).expect("shutdown");
    child.wait().expect("ends");
}
