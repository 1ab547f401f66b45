//! Frames, ends, and what a wrong start says.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use command_fds::{CommandFdExt, FdMapping};
use parlance_signer_protocol::{Outcome, RefusalCode, Request, Response, VERSION};

use super::process::*;

#[test]
fn it_answers_signs_and_ends_with_its_client() {
    let home = Home::new();
    let mut signer = home.start(1, None, true);
    let status = signer.status();
    assert!(status.vault && status.locked && status.play_money);
    assert!(!status.sandbox.is_empty(), "it says what its sandbox holds");
    assert!(matches!(signer.ask(pay(0, ALICE, 500)).unwrap(), Response::Refused(r) if r.code == RefusalCode::Locked));
    signer.done(Request::Unlock {});
    match signer.ask(pay(0, ALICE, 500)).unwrap() {
        Response::Signed(signed) => assert_eq!(signed.decision.outcome, Outcome::Click),
        other => panic!("{other:?}"),
    }
    assert!(matches!(signer.ask(Request::AuditVerify {}).unwrap(), Response::AuditVerified { .. }));
    assert!(signer.end().success());
    for file in ["vault.parlance", "ledger.db", "ledger.seal", "audit.jsonl"] {
        assert!(has_file(&home.data(), file), "{file}");
    }
}

#[test]
fn malformed_frames_are_answered_and_survived() {
    let home = Home::new();
    let signer = home.start(2, None, true);
    let mut signer = signer;
    // The second client is hostile: raw frames of its own.
    let mut other = signer.clients.remove(1).into_inner();
    let frame = |body: &[u8], version: u16| {
        let mut frame = u32::try_from(body.len() + 2).unwrap().to_le_bytes().to_vec();
        frame.extend_from_slice(&version.to_le_bytes());
        frame.extend_from_slice(body);
        frame
    };
    for body in [
        &b"{}"[..],
        b"nonsense",
        b"{\"id\":1,\"deadline_ms\":1,\"request\":{\"ask\":\"status\"},\"more\":1}",
        b"{\"id\":-1,\"deadline_ms\":1,\"request\":{\"ask\":\"status\"}}",
        b"{\"id\":1,\"deadline_ms\":1,\"request\":{\"ask\":\"sign_hash\",\"hash\":\"0x00\"}}",
        b"",
    ] {
        other.write_all(&frame(body, VERSION)).unwrap();
        let reply: parlance_signer_protocol::Reply = parlance_signer_protocol::read_frame(&mut other).unwrap();
        assert!(matches!(reply.response, Response::Refused(r) if r.code == RefusalCode::NotAllowed && reply.id == 0));
    }
    other.write_all(&frame(b"{\"id\":5,\"deadline_ms\":1,\"request\":{\"ask\":\"status\"}}", VERSION)).unwrap();
    let reply: parlance_signer_protocol::Reply = parlance_signer_protocol::read_frame(&mut other).unwrap();
    assert_eq!(reply.id, 5);
    // What can't be delimited ends that connection, and only that.
    other.write_all(&u32::MAX.to_le_bytes()).unwrap();
    let reply: parlance_signer_protocol::Reply = parlance_signer_protocol::read_frame(&mut other).unwrap();
    assert!(matches!(reply.response, Response::Refused(_)));
    assert!(parlance_signer_protocol::read_frame::<parlance_signer_protocol::Reply>(&mut other).is_err());
    assert!(!signer.status().sandbox.is_empty());
    assert!(signer.end().success());
}

#[test]
fn a_second_signer_in_the_same_folder_is_refused() {
    let home = Home::new();
    let mut first = home.start(1, None, true);
    first.status();
    let mut second = home.start(1, None, true);
    assert!(!second.wait().success());
    assert!(!first.status().accounts.is_empty() || first.status().locked);
}

#[test]
fn play_money_is_made_once() {
    let home = Home::empty();
    let make = || {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut command = Command::new(binary());
        command.arg("init-play-money").arg("--data").arg(home.data()).args(["--world-fd", "3"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.fd_mappings(vec![FdMapping { parent_fd: OwnedFd::from(theirs), child_fd: 3 }]).unwrap();
        let child = command.spawn().unwrap();
        drop(command);
        ours.write_all(world_json().as_bytes()).unwrap();
        drop(ours);
        child.wait_with_output().unwrap()
    };
    let first = make();
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert_eq!(String::from_utf8_lossy(&first.stdout).trim(), DEMO.to_checksum(None));
    let second = make();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("already"));
    // The real one, with its real key derivation, opens with the public password.
    let mut signer = home.start(1, None, true);
    signer.done(Request::Unlock {});
    assert!(signer.status().play_money);
}

#[test]
fn a_wrong_start_says_so() {
    for (args, code) in [(&["--data", "/nowhere"][..], 2), (&["--nonsense"][..], 2), (&[][..], 2)] {
        let output = Command::new(binary()).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn sixteen_connections_exceed_no_limit() {
    let home = Home::new();
    let mut signer = home.start(16, None, true);
    signer.done(Request::Unlock {});
    signer.done(daily(5, 100));
    let clients: Vec<_> = signer.clients.drain(..).collect();
    let threads: Vec<_> = clients
        .into_iter()
        .enumerate()
        .map(|(i, mut client)| {
            std::thread::spawn(move || {
                let mut signed = Vec::new();
                for nonce in 0..12u64 {
                    let cents = 20 + i as u64;
                    if let Response::Signed(_) = client.call(pay(nonce, ALICE, cents), 60_000).unwrap() {
                        signed.push((nonce, cents));
                    }
                }
                signed
            })
        })
        .collect();
    let mut most = std::collections::BTreeMap::<u64, u64>::new();
    for (nonce, cents) in threads.into_iter().flat_map(|t| t.join().unwrap()) {
        let entry = most.entry(nonce).or_default();
        *entry = cents.max(*entry);
    }
    assert!(!most.is_empty());
    assert!(most.values().sum::<u64>() <= 500, "{most:?}");
}
