//! The published vectors (`zktls/vectors`): files that are accepted, and every known attack on them, refused by the checks it says.

#[path = "vectors/attacks.rs"]
mod attacks;
mod common;
#[path = "../../vectors/format.rs"]
#[allow(dead_code, reason = "a part of it is enough here")]
mod format;

use format::{Base, Hunk, Reject, folder, name};
use parlance_zktls_protocol::ProofFile;
use parlance_zktls_verify::{CheckName, Circuit, Report, verify};
use serde_json::Value;

const BASES: [&str; 2] = ["aes-128-gcm", "chacha20-poly1305"];

fn read(file: &str) -> Vec<u8> {
    std::fs::read(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn base(name: &str) -> (Value, Vec<u8>) {
    let value: Value = serde_json::from_slice(&read(&format!("{name}.json"))).unwrap();
    let file = read(value["file"].as_str().unwrap());
    (value, file)
}

fn report(base: &Value, file: &ProofFile) -> Report {
    let base: Base = serde_json::from_value(base.clone()).unwrap();
    verify(file, &base.trust(), &base.expected(), &base.holder(), &Circuit)
}

/// Names of the checks that fail after a change; none where the file is accepted.
fn fails(reject: &Reject) -> Vec<String> {
    let (mut base, file) = base(&reject.base);
    for (pointer, value) in &reject.set {
        let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
        match base.pointer_mut(parent).expect("a member's parent") {
            Value::Object(object) => drop(object.insert(member.to_owned(), value.clone())),
            parent => *parent.pointer_mut(&format!("/{member}")).expect("an item") = value.clone(),
        }
    }
    let Ok(file) = ProofFile::decode(&Hunk::apply(&reject.bytes, &file)) else { return vec!["file".to_owned()] };
    let report = report(&base, &file);
    assert_eq!(report.accepted, report.statement.is_some());
    let failed = report.checks.iter().filter(|check| !check.passed).map(|check| check.name);
    let failed: Vec<CheckName> = failed.collect();
    assert_eq!(report.accepted, failed.is_empty() && report.open.is_empty());
    failed.into_iter().map(name).collect()
}

#[test]
fn the_bases_are_accepted() {
    for name in BASES {
        let (value, file) = base(name);
        let decoded = ProofFile::decode(&file).unwrap();
        assert_eq!(decoded.encode().unwrap(), file, "{name}");
        let report = report(&value, &decoded);
        assert!(report.accepted, "{name}: {report:#?}");
        assert_eq!(report.statement.as_deref(), value["statement"].as_str());
        println!("{name}: file {} bytes, proof {}", file.len(), decoded.proof.len());
    }
}

#[test]
fn every_attack_is_refused_by_the_checks_it_says() {
    let all: Vec<Reject> = serde_json::from_slice(&read("rejects.json")).unwrap();
    assert!(all.len() >= 80, "{}", all.len());
    for reject in all {
        assert!(!reject.fails.is_empty(), "{}", reject.name);
        assert_eq!(fails(&reject), reject.fails, "{}", reject.name);
    }
}

#[test]
fn a_proof_of_the_other_suite_is_none() {
    let [(aes, one), (_, other)] = BASES.map(|name| {
        let (value, file) = base(name);
        (value, ProofFile::decode(&file).unwrap())
    });
    let swapped = ProofFile { proof: other.proof, ..one };
    let report = report(&aes, &swapped);
    assert_eq!(report.checks.iter().filter(|check| !check.passed).map(|check| check.name).collect::<Vec<_>>(), [CheckName::Proof]);
}

/// Any one bit, a cut and more at the end.
#[test]
fn mutated_files_are_refused_without_a_panic() {
    let (value, file) = base(BASES[0]);
    let mutations = if std::env::var_os("PARLANCE_SOAK").is_some() { 10_000 } else { 200 };
    let mut seed = 0x5eed_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    // The file's head and recording are small beside its proof: half of the changes go there.
    let head = file.len() - ProofFile::decode(&file).unwrap().proof.len();
    for n in 0..mutations {
        let mut bytes = file.clone();
        let at = random(if n % 2 == 0 { head } else { file.len() });
        match n % 10 {
            8 => bytes.truncate(at),
            9 => bytes.extend((0..=random(40)).map(|_| 0)),
            _ => bytes[at] ^= 1 << random(8),
        }
        if let Ok(file) = ProofFile::decode(&bytes) {
            assert!(!report(&value, &file).accepted, "mutation {n} at byte {at}");
        }
    }
}

#[test]
#[ignore = "writes rejects.json anew from the bases"]
fn write() {
    let mut all = attacks::all();
    for reject in &mut all {
        reject.fails = fails(reject);
        assert!(!reject.fails.is_empty(), "{} is accepted", reject.name);
        println!("{}: {:?}", reject.name, reject.fails);
    }
    let lines: Vec<String> = all.iter().map(|reject| format!("  {}", serde_json::to_string(reject).unwrap())).collect();
    std::fs::write(folder().join("rejects.json"), format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
}
