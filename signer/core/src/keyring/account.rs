//! Under which name a data folder's secret stands in the keyring.

use crate::SignerError;
use crate::vault::{DataFolder, random};

const FILE: &str = "keyring-id";

/// The folder's account name in the keyring: 32 hexadecimal digits, drawn once and kept in the folder, so that the
/// folder can be moved and several folders don't share a secret.
///
/// Nothing secret, and nothing to gain by changing it: the vault opens with its own secret only, and generations are
/// kept under the same name as the secret.
///
/// # Errors
/// [`SignerError::Damaged`] where the file holds something else; [`SignerError::Io`], [`SignerError::Permissions`].
pub fn account_of(folder: &DataFolder) -> Result<String, SignerError> {
    if let Some(bytes) = folder.read(FILE, "keyring id", 64)? {
        let text = String::from_utf8(bytes).unwrap_or_default();
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(SignerError::Damaged { what: "keyring id", reason: "expected 32 hexadecimal digits".into() });
        }
        return Ok(text);
    }
    let id = hex::encode(random::array::<16>()?);
    folder.replace(FILE, id.as_bytes())?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_drawn_once() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(parent.path().join("data")).unwrap();
        let other = DataFolder::open(parent.path().join("other")).unwrap();
        let name = account_of(&folder).unwrap();
        assert_eq!(account_of(&folder).unwrap(), name);
        assert_ne!(account_of(&other).unwrap(), name);
        folder.replace(FILE, b"../../somebody else's").unwrap();
        assert!(matches!(account_of(&folder), Err(SignerError::Damaged { .. })));
    }
}
