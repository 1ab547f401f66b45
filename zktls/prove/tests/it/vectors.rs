//! Makes the published proof files anew (`zktls/vectors`): real sessions with the demo bank. What is tested on them is in
//! `parlance_zktls_verify`'s tests.

use crate::common::*;
use crate::format::{Base, Expected, TrustText, folder, hex};
use crate::whole::terms;
use ed25519_dalek::SigningKey;
use parlance_zktls_bank::suites;
use parlance_zktls_protocol::{Notarized, NotaryKey};
use parlance_zktls_prove::prove;
use parlance_zktls_verify::{Circuit, Expectation, verify};

#[tokio::test]
#[ignore = "writes the published proof files anew"]
async fn write() -> Outcome {
    for (name, suite) in [("aes-128-gcm", suites::AES_128_GCM), ("chacha20-poly1305", suites::CHACHA20_POLY1305)] {
        let world = world(|config| config.suites = vec![suite]).await?;
        let terms = terms(1_234_567);
        let mut file = prove(&crate::whole::session(&world).await?, &world.template, &terms)?;
        // A notary's key that everybody has: attacks are signed with it.
        let key = SigningKey::from_bytes(&[1; 32]);
        file.notarized = Notarized::sign(file.notarized.recording, &key)?;
        let recording = &file.notarized.recording;
        let notary = NotaryKey {
            key: key.verifying_key(),
            operator: "Vectors".into(),
            from: recording.opened - 1_000,
            until: recording.closed + 1_000,
            revoked: None,
        };
        let expected = Expectation {
            session: terms.session.clone(),
            at_least: terms.at_least,
            currency: terms.currency,
            scope: terms.scope,
            now: recording.closed + 60,
            max_age: 3_600,
        };
        let mut base = Base {
            file: format!("{name}.pzkt"),
            trust: TrustText {
                roots: world.root.iter().map(|root| hex(root)).collect(),
                notaries: vec![notary],
                templates: vec![include_str!("../../../templates/demo.toml").to_owned()],
                local_banks: true,
            },
            expected: Expected::of(&expected),
            holder: None,
            statement: String::new(),
        };
        let report = verify(&file, &base.trust(), &base.expected(), &base.holder(), &Circuit);
        base.statement = report.statement.ok_or("not accepted")?;
        std::fs::write(folder().join(&base.file), file.encode()?)?;
        std::fs::write(folder().join(format!("{name}.json")), serde_json::to_string_pretty(&base)? + "\n")?;
    }
    Ok(())
}
