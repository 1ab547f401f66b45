//! Notaries, roots and templates, read from their files.

use std::path::Path;

use alloy_primitives::B256;
use parlance_credit::api::{NotaryInfo, TemplateInfo};
use parlance_zktls_notary::KeyLog;
use parlance_zktls_protocol::{NotaryKey, Template};
use parlance_zktls_verify::Trust;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::LenderError;
use crate::config::{NotaryTrust, TrustConfig};
use crate::words::MINOR_DIGITS;

/// The linter's rule that a demo may break.
const TEST_DATA: &str = "test-data";

/// Whom the lender trusts.
#[derive(Debug)]
pub struct Trusted {
    /// For the verifier.
    pub trust: Trust,
    /// How old a session may be, seconds.
    pub max_age: u64,
    /// Play money.
    pub demo: bool,
    addresses: Vec<(String, NotaryKey)>,
}

impl Trusted {
    /// From the files that the configuration names, and a built-in notary's keys, which come first.
    pub fn load(config: &TrustConfig, folder: &Path, own: Option<(String, Vec<NotaryKey>)>) -> Result<Self, LenderError> {
        let mut addresses: Vec<(String, NotaryKey)> =
            own.into_iter().flat_map(|(address, keys)| keys.into_iter().map(move |key| (address.clone(), key))).collect();
        for notary in &config.notaries {
            addresses.extend(keys(notary, folder)?.into_iter().map(|key| (notary.address.clone(), key)));
        }
        let templates = config.templates.iter().map(|path| read_template(&folder.join(path))).collect::<Result<_, _>>()?;
        let mut roots: Vec<CertificateDer<'static>> = Vec::new();
        if config.web_roots {
            roots.extend(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
        }
        for path in &config.roots {
            roots.extend(read_roots(&folder.join(path))?);
        }
        let notaries = addresses.iter().map(|(_, key)| key.clone()).collect();
        Ok(Self {
            trust: Trust { roots, notaries, templates, local_banks: config.demo },
            max_age: config.max_age(),
            demo: config.demo,
            addresses,
        })
    }

    /// What should not be trusted in it: a sentence each.
    #[must_use]
    pub fn problems(&self, now: u64) -> Vec<String> {
        let mut problems = Vec::new();
        if self.trust.templates.is_empty() {
            problems.push("trust.templates: there is none; no bank would be accepted.".to_owned());
        }
        if self.trust.roots.is_empty() {
            problems.push("trust.roots: there is none and web_roots is off; no bank's certificate would be accepted.".to_owned());
        }
        if self.notaries(now).is_empty() {
            problems.push("trust.notaries: no key is valid now; no recording would be accepted. Publish a new key.".to_owned());
        }
        for template in &self.trust.templates {
            let id = &template.id;
            let findings = template.lint().into_iter().filter(|finding| !(self.demo && finding.rule == TEST_DATA));
            problems.extend(findings.map(|finding| format!("template {id}: {} ({}).", finding.sentence, finding.rule)));
            let scale = template.response.balance.scale;
            if scale != MINOR_DIGITS {
                problems
                    .push(format!("template {id}: it counts with {scale} digits after the point; thresholds here have {MINOR_DIGITS}."));
            }
            if !self.demo && template.domain.ends_with(".example") {
                problems.push(format!("template {id}: {} is no real host.", template.domain));
            }
        }
        problems
    }

    /// The template with this digest.
    #[must_use]
    pub fn template(&self, digest: &B256) -> Option<&Template> {
        self.trust.templates.iter().find(|template| template.digest().is_ok_and(|own| own == digest.0))
    }

    /// For wallets: the accepted templates.
    #[must_use]
    pub fn templates(&self) -> Vec<TemplateInfo> {
        let info = |template: &Template| {
            let digest = template.digest().ok()?.into();
            Some(TemplateInfo { id: template.id.clone(), name: template.name.clone(), domain: template.domain.clone(), digest })
        };
        self.trust.templates.iter().filter_map(info).collect()
    }

    /// For wallets: the notaries' keys that are valid at `now`.
    #[must_use]
    pub fn notaries(&self, now: u64) -> Vec<NotaryInfo> {
        let valid = self.addresses.iter().filter(|(_, key)| key.valid_at(now));
        let info = |(address, key): &(String, NotaryKey)| NotaryInfo {
            address: address.clone(),
            operator: key.operator.clone(),
            key: key.key.to_bytes().into(),
            from: key.from,
            until: key.until,
        };
        valid.map(info).collect()
    }

    /// Ids of the keys that are valid at `now`, ascending: backers of the lines.
    #[must_use]
    pub fn notary_ids(&self, now: u64) -> Vec<B256> {
        let mut ids: Vec<B256> = self.addresses.iter().filter(|(_, key)| key.valid_at(now)).map(|(_, key)| key.id().0.into()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

fn keys(notary: &NotaryTrust, folder: &Path) -> Result<Vec<NotaryKey>, LenderError> {
    let mut keys = notary.keys.clone();
    if let Some(log) = &notary.log {
        keys.extend(KeyLog::at(folder.join(log)).keys()?);
    }
    if keys.is_empty() {
        return Err(LenderError::Settings(vec![format!("trust.notaries: {} has no keys; give `keys` or `log`.", notary.address)]));
    }
    Ok(keys)
}

fn read_template(path: &Path) -> Result<Template, LenderError> {
    let text = std::fs::read_to_string(path).map_err(LenderError::file(path))?;
    Template::from_toml(&text).map_err(|error| LenderError::content(path, error, "a template as in zktls/templates"))
}

fn read_roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, LenderError> {
    let wrong = |got: String| LenderError::content(path, got, "certificates in PEM");
    let roots: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error: rustls_pki_types::pem::Error| wrong(error.to_string()))?;
    if roots.is_empty() { Err(wrong("no certificate".into())) } else { Ok(roots) }
}
