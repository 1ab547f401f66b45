//! The attacks, as changes of the bases.

use ed25519_dalek::SigningKey;
use parlance_zktls_protocol::{Chunk, Direction, Notarized, ProofFile, Recording, Session, Template};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};

use super::common::{self, DOMAIN, Identity, Key, Options, ToBank, ToClient, identity};
use super::format::{Base, Hunk, Reject, hex};
use super::{BASES, base};

/// The notary's key of the vectors; no secret.
pub fn notary() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

/// Makes changes of one base.
struct Attacks {
    base: &'static str,
    value: Value,
    bytes: Vec<u8>,
    file: ProofFile,
    all: Vec<Reject>,
}

pub fn all() -> Vec<Reject> {
    let [aes, chacha] = BASES.map(|name| {
        let (value, bytes) = base(name);
        let file = ProofFile::decode(&bytes).unwrap();
        Attacks { base: name, value, bytes, file, all: Vec::new() }
    });
    let all = [
        Attacks::offers,
        Attacks::sessions,
        Attacks::notaries,
        Attacks::transcripts,
        Attacks::certificates,
        Attacks::files,
        Attacks::proofs,
    ];
    let of = |mut attacks: Attacks| {
        all.iter().for_each(|some| some(&mut attacks));
        attacks.all
    };
    let mut rejects = of(aes);
    // Whatever depends on the circuit, in the other suite as well.
    let of_circuit = |reject: &Reject| reject.name.starts_with("proof:") || reject.name.starts_with("transcript:");
    rejects.extend(of(chacha).into_iter().filter(of_circuit));
    rejects
}

impl Attacks {
    fn expectation(&self) -> Base {
        serde_json::from_value(self.value.clone()).unwrap()
    }

    fn add(&mut self, name: &str, set: &[(&str, Value)], change: impl FnOnce(&mut ProofFile)) {
        let mut file = self.file.clone();
        change(&mut file);
        let bytes = self.hunks(&file);
        self.push(name, set, bytes);
    }

    fn push(&mut self, name: &str, set: &[(&str, Value)], bytes: Vec<Hunk>) {
        let set = set.iter().map(|(pointer, value)| ((*pointer).to_owned(), value.clone())).collect();
        self.all.push(Reject { name: name.to_owned(), base: self.base.to_owned(), set, bytes, fails: Vec::new() });
    }

    /// What stands before the recording, the recording, its signature, the rest up to the proof, and the proof: each as one change.
    fn hunks(&self, changed: &ProofFile) -> Vec<Hunk> {
        const BEFORE: usize = 7 + 2 + 20 + 8 + 20 + 32 + 32 + 32;
        const HEAD: usize = 7;
        const SIGNATURE: usize = 32 + 64;
        let parts = |file: &ProofFile, bytes: &[u8]| {
            let recording = BEFORE + file.notarized.recording.encode().unwrap().len() - HEAD;
            let cuts = [0, BEFORE, recording, recording + SIGNATURE, bytes.len() - file.proof.len(), bytes.len()];
            let part = |ends: &[usize]| (ends[0], bytes[ends[0]..ends[1]].to_vec());
            cuts.windows(2).map(part).collect::<Vec<_>>()
        };
        let (from, to) = (parts(&self.file, &self.bytes), parts(changed, &changed.encode().unwrap()));
        from.iter().zip(&to).filter_map(|((at, from), (_, to))| Hunk::between(*at, from, to)).collect()
    }

    /// The recording changed, and signed as if the notary had seen it so.
    fn recorded(&mut self, name: &str, set: &[(&str, Value)], change: impl FnOnce(&mut Recording)) {
        self.add(name, set, |file| {
            let mut recording = common::by_record(&file.notarized.recording);
            change(&mut recording);
            file.notarized = Notarized::sign(recording, &notary()).unwrap();
        });
    }

    fn protected(&self, direction: Direction) -> Vec<usize> {
        let recording = common::by_record(&self.file.notarized.recording);
        let chunks = recording.chunks.iter().enumerate();
        chunks.filter(|(_, chunk)| chunk.direction == direction && chunk.bytes[0] == 23).map(|(index, _)| index).collect()
    }

    fn offers(&mut self) {
        let claim = self.file.claim.clone();
        let (cent, scope) = (json!(claim.at_least + 1), json!(hex(b"another!")));
        self.add("offer: one cent more is asked", &[("/expected/at_least", cent.clone())], |_| ());
        self.add("offer: one cent more is claimed", &[], |file| file.claim.at_least += 1);
        self.add("offer: one cent more is asked and claimed", &[("/expected/at_least", cent)], |file| file.claim.at_least += 1);
        self.add("offer: another currency", &[("/expected/currency", json!("USD"))], |_| ());
        self.add("offer: another currency is claimed", &[("/expected/currency", json!("USD"))], |file| file.claim.currency = *b"USD");
        self.add("offer: another scope", &[("/expected/scope", scope.clone())], |_| ());
        self.add("offer: another scope is claimed", &[("/expected/scope", scope)], |file| file.claim.scope = *b"another!");
        self.add("offer: another account", &[], |file| file.claim.nullifier[0] ^= 1);
        self.add("offer: an account that backs another's line", &[("/holder", json!(hex(&[9; 20])))], |_| ());
        self.add("offer: no template", &[("/trust/templates", json!([]))], |_| ());
        self.add("offer: another template's digest", &[], |file| file.claim.template[31] ^= 1);
        let text = self.expectation().trust.templates[0].clone();
        for (what, from, to) in [
            ("another bank's template", "api.demo-bank.example", "api.other-bank.example"),
            ("a template with another balance", r#"["balance", "amount"]"#, r#"["balance", "amounx"]"#),
            ("a template with another kind", "current-account", "savings-account"),
            ("a template with another path", "/v1/accounts/{account}/balance", "/v2/accounts/{account}/balance"),
            ("a template in minor units", r#"form = "decimal""#, r#"form = "minor""#),
            ("a template without quotes", "quoted = true", "quoted = false"),
            ("a template of another depth", "depth = 1", "depth = 2"),
        ] {
            let text = text.replace(from, to);
            let template = Template::from_toml(&text).unwrap();
            let digest = template.digest().unwrap();
            self.add(&format!("offer: {what}"), &[("/trust/templates/0", json!(text))], |file| file.claim.template = digest);
        }
    }

    fn sessions(&mut self) {
        type Change = fn(&mut Session);
        let changes: [(&str, Value, &str, Change); 5] = [
            ("wallet", json!(hex(&[8; 20])), "/expected/wallet", |session| session.wallet = [8; 20]),
            ("chain", json!(10), "/expected/chain", |session| session.chain = 10),
            ("contract", json!(hex(&[8; 20])), "/expected/contract", |session| session.contract = [8; 20]),
            ("nonce", json!(hex(&[8; 32])), "/expected/lender_nonce", |session| session.lender_nonce = [8; 32]),
            ("offer", json!(hex(&[8; 32])), "/expected/offer", |session| session.offer = [8; 32]),
        ];
        for (what, value, pointer, change) in changes {
            let set = [(pointer, value)];
            self.add(&format!("session: another {what}"), &set, |_| ());
            self.add(&format!("session: another {what}, stated in the file"), &set, |file| change(&mut file.session));
            // Even if the notary had signed it so.
            self.add(&format!("session: another {what}, committed to"), &set, |file| {
                change(&mut file.session);
                let mut recording = file.notarized.recording.clone();
                recording.commitment = file.session.commit(&file.salt);
                file.notarized = Notarized::sign(recording, &notary()).unwrap();
            });
        }
        self.add("session: another salt", &[], |file| file.salt.0[0] ^= 1);
        let Base { expected, .. } = self.expectation();
        self.add("session: too old", &[("/expected/now", json!(expected.now + expected.max_age + 1))], |_| ());
        self.add("session: from the future", &[("/expected/now", json!(expected.now - 86_400))], |_| ());
        self.add("session: a bank at a local address", &[("/trust/local_banks", json!(false))], |_| ());
    }

    fn notaries(&mut self) {
        let opened = self.file.notarized.recording.opened;
        self.add("notary: unknown", &[("/trust/notaries", json!([]))], |_| ());
        self.add("notary: revoked later", &[("/trust/notaries/0/revoked", json!(opened + 1_000))], |_| ());
        self.add("notary: expired key", &[("/trust/notaries/0/until", json!(opened - 1))], |_| ());
        self.add("notary: key of the future", &[("/trust/notaries/0/from", json!(opened + 1))], |_| ());
        self.add("notary: signed by another key", &[], |file| {
            file.notarized = Notarized::sign(file.notarized.recording.clone(), &SigningKey::from_bytes(&[2; 32])).unwrap();
        });
        self.add("notary: another's signature under its name", &[], |file| {
            file.notarized.signature =
                Notarized::sign(file.notarized.recording.clone(), &SigningKey::from_bytes(&[2; 32])).unwrap().signature;
        });
        self.add("notary: one bit of the signature", &[], |file| file.notarized.signature[40] ^= 1);
        self.add("notary: another time", &[], |file| file.notarized.recording.closed += 1);
        self.add("notary: the last record left out", &[], |file| drop(file.notarized.recording.chunks.pop()));
    }

    fn transcripts(&mut self) {
        let (client, server) = (self.protected(ToBank), self.protected(ToClient));
        let tickets = usize::from(self.file.tickets);
        let [.., response, _] = server[..] else { panic!("a response and an alert") };
        let request = client[1];
        let before = server[server.len() - 3];
        assert!(tickets > 0);
        self.recorded("transcript: one bit of the response", &[], |r| r.chunks[response].bytes[100] ^= 1);
        self.recorded("transcript: one bit of the request", &[], |r| r.chunks[request].bytes[30] ^= 1);
        self.recorded("transcript: one bit of a ticket's type", &[], |r| {
            let ticket = &mut r.chunks[before].bytes;
            let at = ticket.len() - 17;
            ticket[at] ^= 1;
        });
        self.recorded("transcript: one bit of the server's handshake", &[], |r| r.chunks[server[0]].bytes[50] ^= 1);
        self.recorded("transcript: a record of the handshake dropped", &[], |r| drop(r.chunks.remove(server[0])));
        self.recorded("transcript: a ticket dropped", &[], |r| drop(r.chunks.remove(before)));
        self.recorded("transcript: the request dropped", &[], |r| drop(r.chunks.remove(request)));
        self.recorded("transcript: the response dropped", &[], |r| drop(r.chunks.remove(response)));
        self.recorded("transcript: ticket and response reordered", &[], |r| r.chunks.swap(before, response));
        self.recorded("transcript: the request sent twice", &[], |r| r.chunks.insert(request, r.chunks[request].clone()));
        self.recorded("transcript: the response replayed", &[], |r| r.chunks.insert(response, r.chunks[response].clone()));
        self.recorded("transcript: the request after the response", &[], |r| {
            let request = r.chunks.remove(request);
            r.chunks.push(request);
        });
        let other = common::plain();
        let foreign = other.recording.chunks[*other.protected(ToClient).iter().rev().nth(1).unwrap()].clone();
        self.recorded("transcript: the response of another session", &[], |r| r.chunks[response] = foreign);
        let hello = other.recording.chunks[other.of(ToClient)[0]].clone();
        let own = common::by_record(&self.file.notarized.recording).chunks.iter().position(|c| c.direction == ToClient).unwrap();
        self.recorded("transcript: the server's hello of another session", &[], |r| r.chunks[own] = hello);
        self.recorded("transcript: unprotected bytes at the end", &[], |r| {
            r.chunks.push(Chunk { direction: ToClient, bytes: b"HTTP/1.1 200 OK\r\n\r\n".to_vec() });
        });
        self.recorded("transcript: another domain", &[], |r| r.domain = "api.other-bank.example".into());
        self.add("transcript: a ticket fewer", &[], |file| file.tickets -= 1);
        self.add("transcript: a ticket more", &[], |file| file.tickets += 1);
        self.add("transcript: another handshake traffic secret", &[], |file| file.shts[0] ^= 1);
        self.add("transcript: another midstate of the handshake secret", &[], |file| file.inner.handshake[0] ^= 1);
        self.add("transcript: another midstate of the derived secret", &[], |file| file.inner.derived[0] ^= 1);
        self.add("transcript: another midstate of the master secret", &[], |file| file.inner.master[0] ^= 1);
        self.add("transcript: another midstate of the client's secret", &[], |file| file.inner.client[0] ^= 1);
        self.add("transcript: another midstate of the server's secret", &[], |file| file.inner.server[0] ^= 1);
        self.add("transcript: a longer token", &[], |file| file.request_holes[1].length += 1);
        self.add("transcript: account and token one byte shifted", &[], |file| {
            file.request_holes[0].length += 1;
            file.request_holes[1].length -= 1;
        });
        self.add("transcript: no account in the request", &[], |file| drop(file.request_holes.remove(0)));
    }

    /// Sessions with others than the bank; the proof is the base's.
    fn certificates(&mut self) {
        let opened = self.file.notarized.recording.opened;
        let day = 86_400;
        self.add("certificate: no root", &[("/trust/roots", json!([]))], |_| ());
        let foreign = identity(&[DOMAIN], Key::P256, |_| ());
        self.add("certificate: another root", &[("/trust/roots/0", json!(hex(&foreign.root)))], |_| ());
        let with = |params: fn(&mut CertificateParams)| identity(&[DOMAIN], Key::P256, params);
        let key = || KeyPair::generate().unwrap();
        let private = |key: &KeyPair| PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let own = key();
        let alone = CertificateParams::new(vec![DOMAIN.to_owned()]).unwrap().self_signed(&own).unwrap().der().clone();
        for (what, identity) in [
            ("expired", with(|params| params.not_after = rcgen::date_time_ymd(2020, 1, 1))),
            ("not valid yet", with(|params| params.not_before = rcgen::date_time_ymd(2090, 1, 1))),
            ("of another name", identity(&["api.other-bank.example"], Key::P256, |_| ())),
            ("self-signed", Identity { chain: vec![alone], key: private(&own), ..with(|_| ()) }),
            ("with another key", Identity { key: private(&key()), ..with(|_| ()) }),
        ] {
            let session = common::run(Options { identity, ..Options::default() });
            let set = [("/trust/roots/0", json!(hex(&session.roots[0])))];
            self.add(&format!("certificate: {what}"), &set, |file| {
                let Recording { commitment, address, closed, .. } = file.notarized.recording.clone();
                let recording = Recording { commitment, address, opened, closed, ..session.recording.clone() };
                file.notarized = Notarized::sign(recording, &notary()).unwrap();
                (file.shts, file.tickets) = (session.shts, session.tickets);
            });
        }
        // The bank's own certificate, long after: every other check holds.
        let later = 60 * 365 * day;
        let set = [("/expected/now", json!(opened + later)), ("/trust/notaries/0/until", json!(u64::from(u32::MAX) * 2))];
        self.recorded("certificate: expired at the time of the session", &set, |r| {
            r.opened += later;
            r.closed += later;
        });
        self.recorded("certificate: a client that resumes an earlier session", &[], |r| common::add_extension(r, 41, &[0, 0]));
        self.recorded("certificate: a client that compresses certificates", &[], |r| common::add_extension(r, 27, &[2, 0, 1]));
    }

    fn files(&mut self) {
        let end = self.bytes.len();
        let hunk = |at, remove, insert: &[u8]| vec![Hunk { at, remove, insert: hex(insert) }];
        self.push("file: empty", &[], hunk(0, end, &[]));
        self.push("file: one byte short", &[], hunk(end - 1, 1, &[]));
        self.push("file: one byte long", &[], hunk(end, 0, &[0]));
        self.push("file: cut in its recording", &[], hunk(1_000, end - 1_000, &[]));
        self.push("file: another kind of document", &[], hunk(6, 1, &[3]));
        self.push("file: another version of documents", &[], hunk(5, 1, &[2]));
        self.push("file: another statement", &[], hunk(8, 1, &[2]));
        self.push("file: a length beyond its end", &[], hunk(end - self.file.proof.len() - 4, 4, &[0, 7, 255, 255]));
    }

    fn proofs(&mut self) {
        let own = self.file.proof.clone();
        let layout = Layout::of(&own);
        let points = own[layout.points.clone()].to_vec();
        let edit = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut proof = own.clone();
            change(&mut proof);
            proof
        };
        let (value, values) = (layout.values + 8, count(&own, layout.values));
        for (what, proof) in [
            ("none", Vec::new()),
            ("one byte short", own[..own.len() - 1].to_vec()),
            ("one byte long", [own.as_slice(), &[0]].concat()),
            ("half of it", own[..own.len() / 2].to_vec()),
            // A commitment where the circuit has no variables.
            ("an unexpected commitment", edit(&|proof| drop(proof.splice(0..1, [&[1][..], &points].concat())))),
            ("its commitment left out", edit(&|proof| drop(proof.splice(1..layout.points.end, [0])))),
            (
                "a commitment of one row more",
                edit(&|proof| {
                    let (list, first) = (layout.points.start, layout.points.start + 8);
                    let row = proof[first..first + POINT].to_vec();
                    set_count(proof, list, count(&own, list) + 1);
                    drop(proof.splice(first..first, row));
                }),
            ),
            (
                "one public value more",
                edit(&|proof| {
                    set_count(proof, layout.values, values + 1);
                    drop(proof.splice(value..value, [0; VALUE]));
                }),
            ),
            (
                "one public value fewer",
                edit(&|proof| {
                    set_count(proof, layout.values, values - 1);
                    drop(proof.drain(value..value + VALUE));
                }),
            ),
            (
                "no public values",
                edit(&|proof| {
                    drop(proof.drain(value..value + VALUE * values));
                    set_count(proof, layout.values, 0);
                }),
            ),
            ("another public value", edit(&|proof| proof[value] ^= 1)),
            ("another random point", edit(&|proof| proof[layout.challenges + 8] ^= 1)),
        ] {
            self.add(&format!("proof: {what}"), &[], |file| file.proof = proof);
        }
    }
}

/// Where a proof's first parts are: no commitment to shared variables (0), one to those before the random point (1, then the points),
/// one to those after it, the public values, the random point. Lists have their length in eight bytes before them, lowest first.
struct Layout {
    points: std::ops::Range<usize>,
    values: usize,
    challenges: usize,
}

const POINT: usize = 33;
const VALUE: usize = 32;

impl Layout {
    fn of(proof: &[u8]) -> Self {
        assert_eq!(proof[..2], [0, 1]);
        let end = |list: usize, item: usize| list + 8 + item * count(proof, list);
        let points = 2..end(2, POINT);
        let values = end(points.end, POINT);
        let challenges = end(values, VALUE);
        assert_eq!(count(proof, challenges), 1);
        Self { points, values, challenges }
    }
}

/// How many items a list has.
fn count(proof: &[u8], at: usize) -> usize {
    u64::from_le_bytes(proof[at..at + 8].try_into().unwrap()).try_into().unwrap()
}

fn set_count(proof: &mut [u8], at: usize, count: usize) {
    proof[at..at + 8].copy_from_slice(&(count as u64).to_le_bytes());
}
