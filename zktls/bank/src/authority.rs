//! A root of its own, for demos and tests: whoever trusts it trusts this bank.

use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::BankError;

/// Issues certificates.
pub struct Authority {
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate chain and its key.
#[derive(Debug)]
pub struct Identity {
    /// Leaf first, without the root.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's.
    pub key: PrivateKeyDer<'static>,
}

/// From when to when a certificate counts.
#[derive(Debug, Clone, Copy)]
pub enum Validity {
    /// Since yesterday, for 90 days.
    Current,
    /// Ended yesterday.
    Expired,
    /// Begins tomorrow.
    Future,
}

impl Authority {
    /// A new root.
    pub fn new() -> Result<Self, BankError> {
        let key = KeyPair::generate()?;
        let root = root_params()?.self_signed(&key)?.der().clone();
        Ok(Self { root, issuer: Issuer::new(root_params()?, key) })
    }

    /// The root kept in `folder` as `root.pem` and `root-key.pem`; made when there is none.
    pub fn open(folder: &Path) -> Result<Self, BankError> {
        let (certificate, key) = (folder.join("root.pem"), folder.join("root-key.pem"));
        if certificate.exists() {
            let read = |path: &Path| fs::read_to_string(path).map_err(BankError::file(path));
            let key = KeyPair::from_pem(&read(&key)?)?;
            return Ok(Self { root: read_chain(&certificate)?.swap_remove(0), issuer: Issuer::new(root_params()?, key) });
        }
        fs::create_dir_all(folder).map_err(BankError::file(folder))?;
        let pair = KeyPair::generate()?;
        let root = root_params()?.self_signed(&pair)?;
        write_private(&key, pair.serialize_pem().as_bytes())?;
        fs::write(&certificate, root.pem()).map_err(BankError::file(&certificate))?;
        Ok(Self { root: root.der().clone(), issuer: Issuer::new(root_params()?, pair) })
    }

    /// What clients must trust, DER.
    #[must_use]
    pub fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// A certificate for `domain`.
    pub fn issue(&self, domain: &str, validity: Validity) -> Result<Identity, BankError> {
        let key = KeyPair::generate()?;
        let leaf = leaf(domain, validity)?.signed_by(&key, &self.issuer)?;
        Ok(Identity { chain: vec![leaf.der().clone()], key: key.into() })
    }
}

impl Identity {
    /// A certificate that nobody vouches for.
    pub fn self_signed(domain: &str) -> Result<Self, BankError> {
        let key = KeyPair::generate()?;
        let leaf = leaf(domain, Validity::Current)?.self_signed(&key)?;
        Ok(Self { chain: vec![leaf.der().clone()], key: key.into() })
    }

    /// From PEM files.
    pub fn read(chain: &Path, key: &Path) -> Result<Self, BankError> {
        let pem = fs::read(key).map_err(BankError::file(key))?;
        Ok(Self { chain: read_chain(chain)?, key: PrivateKeyDer::from_pem_slice(&pem).map_err(|_| rcgen::Error::CouldNotParseKeyPair)? })
    }

    pub(crate) fn clone_key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key()
    }
}

/// At least one certificate.
fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, BankError> {
    let pem = fs::read(path).map_err(BankError::file(path))?;
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|_| rcgen::Error::CouldNotParseCertificate)?;
    if chain.is_empty() { Err(rcgen::Error::CouldNotParseCertificate.into()) } else { Ok(chain) }
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), BankError> {
    use std::io::Write;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(bytes)).map_err(BankError::file(path))
}

/// The same for every root, so that an issuer is made from its key alone.
fn root_params() -> Result<CertificateParams, BankError> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "Parlance demo root: never trust it with money");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = datetime!(2026-01-01 0:00 UTC);
    params.not_after = datetime!(2036-01-01 0:00 UTC);
    Ok(params)
}

fn leaf(domain: &str, validity: Validity) -> Result<CertificateParams, BankError> {
    let mut params = CertificateParams::new(vec![domain.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, domain);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = OffsetDateTime::now_utc();
    (params.not_before, params.not_after) = match validity {
        Validity::Current => (now - Duration::DAY, now + 90 * Duration::DAY),
        Validity::Expired => (now - 90 * Duration::DAY, now - Duration::DAY),
        Validity::Future => (now + Duration::DAY, now + 90 * Duration::DAY),
    };
    Ok(params)
}
