//! The signer's end of the socket, and questions.

use std::os::{
    fd::{AsFd, IntoRawFd},
    unix::net::UnixStream,
};
use std::time::Duration;

use alloy_primitives::{Address, B256, U256, address};
use parlance_effects::{Asset, AssetKind, Effect, Effects, FeeCeiling, KnownToken, Subject, TypedDomain, TypedNode};
use parlance_signer_protocol::approver::{AddressLine, Answer, Approval, Ask, Hello, Prompt, ToApprover, Verdict};
use parlance_signer_protocol::{Decided, Outcome, RuleRef, read_frame, write_frame};

pub const ALICE: Address = address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
const OWN: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
const POOL: Address = address!("0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9");
const USDC: Address = address!("0xb19b36b1456E65E3A6D514D3F715f204BD59f431");

/// The signer, as far as the approver sees it.
pub struct Signer {
    pub socket: UnixStream,
    count: u8,
}

impl Signer {
    /// With the number under which the approver inherits the other end.
    pub fn new() -> (Self, i32) {
        let (socket, theirs) = UnixStream::pair().expect("socket pair");
        // A descriptor without close-on-exec, which the approver inherits; open in this process until the test ends.
        let copy = rustix::io::fcntl_dupfd_cloexec(theirs.as_fd(), 100).expect("dup");
        rustix::io::fcntl_setfd(&copy, rustix::io::FdFlags::empty()).expect("fcntl");
        (Self { socket, count: 0 }, copy.into_raw_fd())
    }

    pub fn hello(&mut self) -> String {
        read_frame::<Hello>(&mut self.socket).expect("hello").kind
    }

    pub fn ask(&mut self, prompt: Prompt, seconds: u32) -> B256 {
        self.count += 1;
        let id = B256::repeat_byte(self.count);
        self.say(&ToApprover::Ask(Ask { id, seconds, prompt }));
        id
    }

    pub fn say(&mut self, said: &ToApprover) {
        write_frame(&mut self.socket, said).expect("sent");
    }

    pub fn answer(&mut self, id: B256) -> Verdict {
        self.socket.set_read_timeout(Some(Duration::from_secs(60))).expect("timeout");
        let answer: Answer = read_frame(&mut self.socket).expect("answer");
        assert_eq!(answer.id, id);
        answer.verdict
    }

    /// Nothing is answered for so long.
    pub fn silent_for(&mut self, time: Duration) {
        self.socket.set_read_timeout(Some(time)).expect("timeout");
        let answer = read_frame::<Answer>(&mut self.socket);
        assert!(answer.is_err(), "an answer came: {:?}", answer.map(|a| is(&a.verdict)));
    }
}

/// A verdict without its secrets.
pub fn is(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Approved { .. } => "approved",
        Verdict::Rejected => "rejected",
        Verdict::Incident => "incident",
        Verdict::Secret { .. } => "secret",
        Verdict::Text { .. } => "text",
        Verdict::Chosen { .. } => "chosen",
        Verdict::TimedOut => "timed out",
        Verdict::Unavailable { .. } => "unavailable",
    }
}

pub fn change(level: Outcome) -> Prompt {
    Prompt::Change {
        title: "New contact".into(),
        old: vec![],
        new: vec![format!("Alice: {ALICE}")],
        notes: vec!["Payments below your limits wait 24 hours.".into()],
        quote: Some("save alice \u{202e}evil".into()),
        level,
    }
}

pub fn new_rules() -> Prompt {
    let line = |text: &str| text.to_owned();
    Prompt::Change {
        title: "New rules".into(),
        old: vec![line("Up to $50 goes without asking in a day."), line("A click sends up to $500 a day.")],
        new: vec![
            line("Up to $20 goes without asking in a day."),
            line("A click sends up to $500 a day."),
            line("Payments to 王小明 ask for the password."),
        ],
        notes: vec![line("The pack \"savings\" replaces \"cautious\".")],
        quote: Some(line("be stricter please")),
        level: Outcome::Password,
    }
}

/// An application for credit, with a lender who tries to say more than it should.
pub fn application() -> Prompt {
    let known = Some(KnownToken { symbol: "USDC".into(), decimals: 6, usd_stable: true });
    let effects = Effects {
        subject: Subject::TypedData {
            domain: TypedDomain::default(),
            primary_type: "Application".into(),
            tree: TypedNode { name: "Application".into(), r#type: "Application".into(), value: None, children: Vec::new() },
            digest: B256::repeat_byte(8),
        },
        chain: Some(31337),
        account: OWN,
        items: vec![Effect::CreditApplication {
            pool: POOL,
            asset: Asset { chain: 31337, kind: AssetKind::Token(USDC), known },
            lender: "Maple”. Approved by the signer: “yes".into(),
            limit: U256::from(2_000_000_000),
            rate: 1_200,
            cycle: 2_592_000,
            at_least: U256::from(1_000_000),
            currency: "USD".into(),
            expiry: 1_831_536_000,
            terms: "Pay back in time.\u{1b}[2J\u{202e} A tenth is due each cycle.".into(),
        }],
        fee: None,
        warnings: Vec::new(),
    };
    let decision = Decided {
        sentences: effects.sentences(&|_| None),
        effects,
        outcome: Outcome::Password,
        rules: vec![RuleRef { id: "password-credit".into(), sentence: "The password applies for credit.".into() }],
        why: Vec::new(),
        usd: Some(0),
    };
    Prompt::Approve(Approval {
        decision,
        level: Outcome::Password,
        addresses: vec![AddressLine { address: POOL.to_checksum(None), role: "pool".into(), known_as: "Maple's pool".into() }],
        warnings: Vec::new(),
        quote: Some("borrow two grand from maple".into()),
        claims: Vec::new(),
        origin: "wallet".into(),
        play_money: true,
    })
}

/// Fifty dollars to Alice.
pub fn payment(level: Outcome) -> Prompt {
    let asset = Asset { chain: 31337, kind: AssetKind::Token(USDC), known: None };
    let effects = Effects {
        subject: Subject::Transaction {
            tx_type: 2,
            nonce: 0,
            to: Some(USDC),
            value: U256::ZERO,
            selector: Some([0xa9, 0x05, 0x9c, 0xbb]),
            data_len: 68,
            digest: B256::repeat_byte(7),
        },
        chain: Some(31337),
        account: OWN,
        items: vec![Effect::TransferOut { asset, amount: U256::from(50_000_000), from: OWN, to: ALICE }],
        fee: Some(FeeCeiling {
            execution: U256::from(10u64).pow(U256::from(15)),
            gas_limit: 60_000,
            max_fee_per_gas: 16_000_000_000,
            data_bytes: 0,
            data_fee_unbounded: false,
        }),
        warnings: Vec::new(),
    };
    let decision = Decided {
        effects,
        sentences: vec![format!("Send 50 USDC to Alice ({ALICE}) on Local world"), "Pay a network fee of at most 0.001 ETH".into()],
        outcome: level,
        rules: vec![RuleRef {
            id: "contact-click".into(),
            sentence: "A click sends to a contact or an own account, up to $500 a day without your password.".into(),
        }],
        why: vec!["More than $20 at once is asked about.".into()],
        usd: Some(52_000_000),
    };
    Prompt::Approve(Approval {
        decision,
        level,
        addresses: vec![AddressLine { address: ALICE.to_checksum(None), role: "to".into(), known_as: "Alice".into() }],
        warnings: vec!["This is your first payment to Alice.".into()],
        quote: Some("shoot alice fifty bucks in usdc".into()),
        claims: vec!["The wallet says it comes from chat.".into(), "The wallet says: after this you have 1,950 USDC.".into()],
        origin: "wallet".into(),
        play_money: true,
    })
}
