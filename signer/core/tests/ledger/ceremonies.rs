//! First run, import, export, backup: driven by the signer, typed by a person.

use std::sync::{Arc, Mutex};

use alloy_primitives::Address;
use parlance_signer_protocol::approver::{Prompt, Verdict};
use parlance_signer_protocol::{Ceremony, Outcome, RefusalCode, Request, Response};

use super::world::*;

const PASSWORD: &str = "correct horse battery staple";
const BACKUP: &str = "another quite long password";

/// Types what a newcomer types: takes the first option, writes the words down, answers the quiz.
fn newcomer(choices: Arc<Mutex<Vec<u32>>>) -> impl FnMut(&Prompt) -> Verdict + Send {
    let mut paper: Vec<String> = Vec::new();
    move |prompt| match prompt {
        Prompt::Choose { .. } => {
            let mut choices = choices.lock().unwrap();
            Verdict::Chosen { index: if choices.is_empty() { 0 } else { choices.remove(0) } }
        }
        Prompt::ShowSecret { words, .. } => {
            paper.clone_from(words);
            Verdict::Approved { password: None }
        }
        Prompt::SecretText { title, .. } => {
            let text = match title.strip_prefix("Word number ") {
                Some(position) => paper[position.parse::<usize>().unwrap() - 1].clone(),
                None if title.contains("phrase") => paper.join(" "),
                None => format!("0x{}", "4c".repeat(32)),
            };
            Verdict::Secret { text }
        }
        Prompt::NewPassword { title, .. } => {
            Verdict::Secret { text: if title.contains("backup") { BACKUP.into() } else { PASSWORD.into() } }
        }
        Prompt::Password { title, .. } => {
            Verdict::Secret { text: if title.contains("of the backup") { BACKUP.into() } else { PASSWORD.into() } }
        }
        Prompt::Text { title, .. } => {
            Verdict::Text { text: if title.contains("watch") { STRANGER.to_checksum(None) } else { String::new() } }
        }
        _ => Verdict::Approved { password: Some(PASSWORD.into()) },
    }
}

fn first_run() -> (World, Arc<Mutex<Vec<u32>>>) {
    let choices = Arc::new(Mutex::new(Vec::new()));
    let mut world = World::empty(newcomer(choices.clone()));
    world.start().unwrap();
    assert!(!world.status().vault);
    assert!(matches!(world.ask(Request::Unlock {}), Response::Refused(r) if r.code == RefusalCode::NoVault));
    world.done(Request::Ceremony { kind: Ceremony::FirstRun });
    (world, choices)
}

#[test]
fn a_first_run_makes_a_wallet_that_opens_again() {
    let (mut world, _) = first_run();
    let status = world.status();
    assert!(status.vault && !status.locked && !status.play_money && status.rollback.is_none(), "{status:?}");
    assert_eq!(status.accounts.len(), 1);
    assert_eq!(status.accounts[0].path.as_deref(), Some("m/44'/60'/0'/0/0"));
    world.restart();
    let again = world.status();
    assert_eq!((again.accounts, again.rollback), (status.accounts, None));
    let second = world.ask(Request::Ceremony { kind: Ceremony::FirstRun });
    assert!(matches!(second, Response::Refused(r) if r.code == RefusalCode::State));
}

#[test]
fn wrong_words_make_no_wallet() {
    let mut world = World::empty(|prompt| match prompt {
        Prompt::Choose { .. } => Verdict::Chosen { index: 0 },
        Prompt::SecretText { .. } => Verdict::Secret { text: "zoo".into() },
        _ => Verdict::Approved { password: None },
    });
    world.start().unwrap();
    let answer = world.ask(Request::Ceremony { kind: Ceremony::FirstRun });
    assert!(matches!(answer, Response::Refused(_)));
    assert!(!world.status().vault);
}

#[test]
fn accounts_are_added_imported_and_watched() {
    let (world, choices) = first_run();
    world.done(Request::Ceremony { kind: Ceremony::AddAccount });
    *choices.lock().unwrap() = vec![1];
    world.done(Request::Ceremony { kind: Ceremony::AddAccount });
    *choices.lock().unwrap() = vec![1];
    world.done(Request::Ceremony { kind: Ceremony::Import });
    world.done(Request::Ceremony { kind: Ceremony::WatchAccount });
    let accounts = world.status().accounts;
    assert_eq!(accounts.len(), 5, "{accounts:?}");
    assert_eq!(accounts[1].path.as_deref(), Some("m/44'/60'/0'/0/1"));
    assert_eq!(accounts[2].label, "Agents");
    assert!(accounts[4].watch_only && accounts[4].address == STRANGER);
    // Who is watched is not thereby the owner: nothing goes there without asking.
    let main = accounts[0].address;
    let to_watched = match pay(0, STRANGER, 100) {
        parlance_signer_protocol::Payload::Transaction { unsigned, .. } => {
            parlance_signer_protocol::Payload::Transaction { account: main, unsigned }
        }
        _ => unreachable!(),
    };
    assert!(world.level(to_watched) >= Outcome::Click);
    let watched = parlance_signer_protocol::Payload::Message { account: STRANGER, bytes: b"hi".as_slice().to_vec().into() };
    assert_eq!(world.sign(watched).unwrap_err().code, RefusalCode::Account);
}

#[test]
fn a_backup_restores_rules_and_contacts_and_says_what_it_does_not_know() {
    let (mut world, _) = first_run();
    let accounts = world.status().accounts;
    world.done(Request::ProposeContact { name: "Zoe".into(), address: ALICE, quote: None });
    world.done(Request::ProposePack { name: "everyday".into() });
    world.done(Request::Ceremony { kind: Ceremony::Backup });
    world.stop();

    let choices = Arc::new(Mutex::new(vec![3]));
    let mut other = World::empty(newcomer(choices));
    std::fs::create_dir_all(other.path("backups")).unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(other.path(""), PermissionsExt::from_mode(0o700)).unwrap();
    for entry in std::fs::read_dir(world.path("backups")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), other.path("backups").join(entry.file_name())).unwrap();
    }
    other.start().unwrap();
    other.done(Request::Ceremony { kind: Ceremony::FirstRun });
    let status = other.status();
    assert_eq!(status.accounts, accounts);
    assert_eq!(status.pack, "everyday");
    assert!(status.rollback.is_some());
    match other.ask(Request::Contacts {}) {
        Response::Contacts { contacts } => assert_eq!((contacts[0].name.as_str(), contacts[0].address), ("Zoe", ALICE)),
        answer => panic!("{answer:?}"),
    }
    other.restart();
    assert!(other.status().rollback.is_some());
}

#[test]
fn secrets_go_to_the_approver_and_to_nobody_else() {
    let (world, choices) = first_run();
    *choices.lock().unwrap() = vec![0];
    let answer = world.ask(Request::Ceremony { kind: Ceremony::Export });
    let Response::Done { message } = answer else { panic!("{answer:?}") };
    let asked = world.asked.lock().unwrap();
    let shown = asked.iter().rev().find_map(|p| match p {
        Prompt::ShowSecret { words, .. } => Some(words.clone()),
        _ => None,
    });
    let words = shown.unwrap();
    assert_eq!(words.len(), 12);
    assert!(!message.contains(&words.join(" ")));
    for entry in std::fs::read_dir(world.path("")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(&words.join(" ")) && !text.contains(PASSWORD), "{}", path.display());
        }
    }
}

#[test]
fn a_password_is_changed_with_the_old_one() {
    let new = "a quite different password";
    let (mut world, _) = first_run();
    let mut changed = false;
    world.person(move |prompt| match prompt {
        Prompt::NewPassword { .. } => {
            changed = true;
            Verdict::Secret { text: new.into() }
        }
        Prompt::Password { title, .. } if title.contains("Unlock") && changed => Verdict::Secret { text: new.into() },
        Prompt::Password { .. } => Verdict::Secret { text: PASSWORD.into() },
        _ => Verdict::Approved { password: None },
    });
    world.done(Request::Ceremony { kind: Ceremony::ChangePassword });
    world.restart();
    assert!(!world.status().locked);
}

#[test]
fn the_incident_button_locks_and_lists() {
    let mut world = World::new(agreeable);
    world.rules(&daily(100));
    world.person(agreeable);
    world.sign(approve(0, ROUTER, cents(4000))).unwrap();
    match world.ask(Request::Ceremony { kind: Ceremony::Incident }) {
        Response::Done { message } => {
            assert!(message.contains("USDC") && message.contains(&ROUTER.to_checksum(None)), "{message}");
        }
        other => panic!("{other:?}"),
    }
    assert!(world.status().locked);
}

#[test]
fn changes_show_both_sides_and_need_the_owner() {
    let mut world = World::new(agreeable);
    world.person(stubborn);
    let proposals = [
        Request::ProposeRules { source: daily(1_000_000), quote: Some("let me spend".into()) },
        Request::ProposePack { name: "everyday".into() },
        Request::ProposeContact { name: "Mallory".into(), address: STRANGER, quote: None },
        Request::ProposeContactRemoval { name: "alice".into() },
        Request::ProposePrice { chain: LOCAL, token: None, micro_usd: 1 },
        Request::ProposeToken { chain: LOCAL, token: STRANGER, symbol: "FAKE".into(), decimals: 6 },
        Request::ProposeNonce { account: DEMO, chain: LOCAL, next: 9 },
    ];
    for proposal in proposals {
        let before = (world.status().rules_version, world.asked.lock().unwrap().len());
        let answer = world.ask(proposal.clone());
        assert!(matches!(answer, Response::Refused(r) if r.code == RefusalCode::Rejected), "{proposal:?}");
        let asked = world.asked.lock().unwrap();
        let Some(Prompt::Change { new, old, .. }) = asked.last() else { panic!("{proposal:?}: {asked:?}") };
        assert!(!new.is_empty() || !old.is_empty());
        assert_eq!(asked.len(), before.1 + 1);
        drop(asked);
        assert_eq!(world.status().rules_version, before.0);
        world.restart();
    }
    // What the linter refuses never reaches the person.
    let count = world.asked.lock().unwrap().len();
    let answer = world.ask(Request::ProposeRules { source: "permit (principal, action, resource);".into(), quote: None });
    assert!(matches!(answer, Response::Refused(_)));
    let claimed = r#"@id("x") permit (principal, action == Action::"send", resource) when { context.approval >= 0 && context.claimed.via == "chat" };"#;
    let answer = world.ask(Request::ProposeRules { source: claimed.into(), quote: None });
    assert!(matches!(answer, Response::Refused(_)));
    assert_eq!(world.asked.lock().unwrap().len(), count);
}

#[test]
fn a_known_token_and_a_price_change_what_can_be_counted() {
    let world = World::new(agreeable);
    let token = Address::repeat_byte(0x42);
    world.done(Request::ProposeToken { chain: LOCAL, token, symbol: "PLAY".into(), decimals: 2 });
    world.done(Request::ProposePrice { chain: LOCAL, token: Some(token), micro_usd: 3_000_000 });
    let pay = |amount: u64| {
        let mut data = alloy_primitives::keccak256("transfer(address,uint256)")[..4].to_vec();
        data.extend_from_slice(&ALICE.into_word()[..]);
        data.extend_from_slice(&alloy_primitives::U256::from(amount).to_be_bytes::<32>());
        tx(0, token, alloy_primitives::U256::ZERO, data.into())
    };
    let decided = world.decide(pay(500));
    assert!((15_000_000..15_100_000).contains(&decided.usd.unwrap()), "{decided:?}");
    assert!(decided.sentences[0].contains("5 PLAY"), "{decided:?}");
    assert!(decided.outcome < Outcome::Password);
}
