//! The bank's certificate: its chain to the lender's roots, its name, and the signature that ties it to this handshake.

use rustls_pki_types::{CertificateDer, ServerName, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert, ring};

use crate::VerifyError;
use crate::flight::Flight;

/// Most certificates that are looked at.
const MAX_CHAIN: usize = 10;

/// Whether the chain leads to one of `roots` at `time` and the certificate is `domain`'s.
pub(crate) fn check_chain(flight: &Flight, domain: &str, roots: &[CertificateDer<'static>], time: u64) -> Result<(), VerifyError> {
    let chain: Vec<CertificateDer<'_>> = flight.chain.iter().map(|der| CertificateDer::from_slice(der)).collect();
    let wrong = |got: String| VerifyError::Certificate { got, expected: format!("a chain for {domain} valid at {time}") };
    let (own, intermediates) = chain.split_first().ok_or_else(|| wrong("none".into()))?;
    if intermediates.len() >= MAX_CHAIN {
        return Err(wrong(format!("{} certificates", chain.len())));
    }
    let own = EndEntityCert::try_from(own).map_err(|error| wrong(format!("{error:?}")))?;
    let anchors: Vec<TrustAnchor<'_>> = roots.iter().filter_map(|root| anchor_from_trusted_cert(root).ok()).collect();
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(time));
    own.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, intermediates, time, KeyUsage::server_auth(), None, None)
        .map_err(|error| wrong(format!("{error:?}")))?;
    let name = ServerName::try_from(domain).map_err(|error| wrong(error.to_string()))?;
    own.verify_is_valid_for_subject_name(&name).map_err(|error| wrong(format!("{error:?}")))
}

/// Whether CertificateVerify is the certificate's signature over this handshake, by a scheme that the client offered.
pub(crate) fn check_signature(flight: &Flight, offered: &[u16]) -> Result<(), VerifyError> {
    let wrong = |got: String, expected: &str| VerifyError::Certificate { got, expected: expected.into() };
    let algorithm = algorithm(flight.scheme)
        .filter(|_| offered.contains(&flight.scheme))
        .ok_or_else(|| wrong(format!("signature scheme {:04x}", flight.scheme), "an offered scheme of TLS 1.3"))?;
    let own = flight.chain.first().map(|der| CertificateDer::from_slice(der)).ok_or_else(|| wrong("none".into(), "a certificate"))?;
    let own = EndEntityCert::try_from(&own).map_err(|error| wrong(format!("{error:?}"), "a certificate"))?;
    let message = [[b' '; 64].as_slice(), b"TLS 1.3, server CertificateVerify\0", &flight.signed].concat();
    own.verify_signature(algorithm, &message, &flight.signature)
        .map_err(|error| wrong(format!("{error:?}"), "the certificate's signature over this handshake"))
}

/// The schemes of TLS 1.3 for CertificateVerify; PKCS #1 v1.5 and SHA-1 are for certificates only.
fn algorithm(scheme: u16) -> Option<&'static dyn SignatureVerificationAlgorithm> {
    Some(match scheme {
        0x0403 => ring::ECDSA_P256_SHA256,
        0x0503 => ring::ECDSA_P384_SHA384,
        0x0804 => ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        0x0805 => ring::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
        0x0806 => ring::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
        0x0807 => ring::ED25519,
        _ => return None,
    })
}
