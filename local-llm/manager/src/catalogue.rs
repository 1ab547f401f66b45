//! Models that are recommended: `catalogue.json`, a file that a release fills in.
//!
//! Sizes and memory are approximate until then. An entry without address and hash can't be downloaded from here: what could
//! not be checked is not offered.

use serde::{Deserialize, Serialize};

use crate::ModelsError;

/// The list that this build carries.
const BUILT_IN: &str = include_str!("../catalogue.json");

/// The recommended models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Catalogue {
    /// In the order in which they are shown.
    pub offers: Vec<Offer>,
}

/// A recommended model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// As its publisher calls it.
    pub name: String,
    /// The file that is meant, of the several that exist of most models.
    pub file: String,
    /// One sentence.
    pub about: String,
    /// SPDX identifier.
    pub licence: String,
    /// Bytes of the file, about.
    pub bytes: u64,
    /// Bytes of memory that it needs, about.
    pub memory: u64,
    /// Where it can be downloaded; `null` until a release fills it in.
    pub url: Option<String>,
    /// SHA-256 of the file; `null` until a release fills it in.
    pub sha256: Option<String>,
}

impl Catalogue {
    /// The list of this build.
    ///
    /// # Errors
    /// [`ModelsError::Record`] where the file is not what it should be; a test reads it.
    pub fn built_in() -> Result<Self, ModelsError> {
        serde_json::from_str(BUILT_IN).map_err(|e| ModelsError::Record { path: "catalogue.json".into(), why: e.to_string() })
    }

    /// The offer of that name.
    ///
    /// # Errors
    /// [`ModelsError::Unknown`].
    pub fn find(&self, name: &str) -> Result<&Offer, ModelsError> {
        self.offers.iter().find(|o| o.name.eq_ignore_ascii_case(name)).ok_or_else(|| ModelsError::Unknown { name: name.to_owned() })
    }
}

impl Offer {
    /// Address and hash.
    ///
    /// # Errors
    /// [`ModelsError::NotFilledIn`] until a release has both.
    pub fn source(&self) -> Result<(&str, &str), ModelsError> {
        match (&self.url, &self.sha256) {
            (Some(url), Some(sha256)) => Ok((url, sha256)),
            _ => Err(ModelsError::NotFilledIn { name: self.name.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_whole_and_offers_nothing_unchecked() {
        let catalogue = Catalogue::built_in().expect("the file");
        assert!(!catalogue.offers.is_empty());
        for offer in &catalogue.offers {
            assert!(offer.memory >= offer.bytes && offer.bytes > 0, "{offer:?}");
            assert!(offer.file.ends_with(".gguf") && !offer.licence.is_empty(), "{offer:?}");
            match (&offer.url, &offer.sha256) {
                (Some(url), Some(hash)) => {
                    assert!(url.starts_with("https://") && hash.len() == 64, "{offer:?}");
                    assert!(offer.source().is_ok());
                }
                _ => assert!(matches!(offer.source(), Err(ModelsError::NotFilledIn { .. })), "{offer:?}"),
            }
        }
        let one = Offer { url: Some("https://x.example/a.gguf".into()), sha256: None, ..catalogue.offers[0].clone() };
        assert!(one.source().is_err(), "an address alone is not enough");
    }
}
