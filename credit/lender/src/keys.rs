//! The attester's key in an Ethereum keystore file, passwords, and the hash of the staff's password.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use alloy_signer::k256::elliptic_curve::rand_core::OsRng;
use alloy_signer_local::PrivateKeySigner;
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::LenderError;
use crate::config::Config;

/// Fewest characters of a new password.
const SHORTEST: usize = 12;
/// Longest password that is hashed for somebody unknown.
const LONGEST: usize = 1024;

/// Where a password comes from.
#[derive(Debug, Clone, Copy)]
pub struct PasswordSource<'a> {
    /// A file that holds it on its first line.
    pub file: Option<&'a Path>,
    /// An environment variable.
    pub variable: Option<&'a str>,
}

impl PasswordSource<'_> {
    /// Reads it; asks on the terminal when there is neither file nor variable.
    pub fn read(&self, question: &str) -> Result<Zeroizing<String>, LenderError> {
        if let Some(path) = self.file {
            let text = Zeroizing::new(std::fs::read_to_string(path).map_err(LenderError::file(path))?);
            return Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()));
        }
        if let Some(variable) = self.variable {
            let missing = |_| LenderError::Key(format!("the environment variable {variable} holds no password; set it"));
            return std::env::var(variable).map(Zeroizing::new).map_err(missing);
        }
        ask(question)
    }
}

/// Makes a key and keeps it in a new file under `password`.
pub fn create(path: &Path, password: &str) -> Result<PrivateKeySigner, LenderError> {
    if password.chars().count() < SHORTEST {
        return Err(LenderError::Key(format!("the password has fewer than {SHORTEST} characters; choose a longer one")));
    }
    // Never over another key: this fails where there is a file.
    std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(LenderError::file(path))?;
    let (folder, name) = (path.parent().unwrap_or(Path::new("")), path.file_name().and_then(std::ffi::OsStr::to_str));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let signer = PrivateKeySigner::random();
    let secret = Zeroizing::new(signer.to_bytes().0);
    let written = PrivateKeySigner::encrypt_keystore(folder, &mut OsRng, secret.as_slice(), password, name);
    if let Err(error) = written {
        std::fs::remove_file(path).map_err(LenderError::file(path))?;
        return Err(LenderError::Key(format!("{}: {error}", path.display())));
    }
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(LenderError::file(path))?;
    open(path, password)
}

/// Opens a keystore file.
pub fn open(path: &Path, password: &str) -> Result<PrivateKeySigner, LenderError> {
    std::fs::metadata(path).map_err(LenderError::file(path))?;
    PrivateKeySigner::decrypt_keystore(path, password)
        .map_err(|error| LenderError::Key(format!("{} can't be opened: {error}; check the password", path.display())))
}

/// The attester's key as configured.
pub fn attester(config: &Config) -> Result<PrivateKeySigner, LenderError> {
    let file = config.key.password_file.as_ref().map(|path| config.path(path));
    let source = PasswordSource { file: file.as_deref(), variable: config.key.password_env.as_deref() };
    let path = config.path(&config.key.keystore);
    let password = source.read(&format!("Password of {}", path.display()))?;
    open(&path, &password)
}

/// `$argon2id$...` of a password, for `[staff] password_hash`.
pub fn hash(password: &str) -> Result<String, LenderError> {
    if password.chars().count() < SHORTEST {
        return Err(LenderError::Key(format!("the password has fewer than {SHORTEST} characters; choose a longer one")));
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    let hashed = SaltString::encode_b64(&salt)
        .and_then(|salt| Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string()));
    hashed.map_err(|error| LenderError::Key(format!("the password can't be hashed: {error}")))
}

/// Whether a password is the one of this hash. Takes some tens of milliseconds and 19 MiB, whatever it is.
#[must_use]
pub fn fits(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    password.len() <= LONGEST && Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

/// Whether this is a hash that [`fits`] can compare with.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| hash.algorithm.as_str() == "argon2id" && hash.hash.is_some())
}

/// Asks on the terminal, without echo; from a pipe it takes a line.
fn ask(question: &str) -> Result<Zeroizing<String>, LenderError> {
    let failed = |what: String| LenderError::Key(format!("no password can be read: {what}; give --password-file or --password-env"));
    let stdin = std::io::stdin();
    let before = if stdin.is_terminal() { Some(tcgetattr(&stdin).map_err(|error| failed(error.to_string()))?) } else { None };
    if let Some(before) = &before {
        eprint!("{question}: ");
        let _ = std::io::stderr().flush();
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&stdin, OptionalActions::Flush, &quiet).map_err(|error| failed(error.to_string()))?;
    }
    let mut line = Zeroizing::new(String::new());
    let read = stdin.lock().read_line(&mut line);
    if let Some(before) = &before {
        eprintln!();
        tcsetattr(&stdin, OptionalActions::Flush, before).map_err(|error| failed(error.to_string()))?;
    }
    match read {
        Ok(0) => Err(failed("the input ended".into())),
        Ok(_) => Ok(Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned())),
        Err(error) => Err(failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_under_its_password() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("attester.json");
        assert!(create(&path, "short").is_err() && !path.exists());
        let signer = create(&path, "correct horse battery").expect("made");
        assert_eq!(open(&path, "correct horse battery").expect("opened").address(), signer.address());
        let error = open(&path, "wrong horse battery").expect_err("refused").to_string();
        assert!(error.contains("check the password"), "{error}");
        let before = std::fs::read(&path).expect("read");
        assert!(create(&path, "correct horse battery").is_err(), "a key is never overwritten");
        assert_eq!(std::fs::read(&path).expect("read"), before);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).expect("there").permissions()) & 0o777, 0o600);
        let text = String::from_utf8(before).expect("text");
        assert!(!text.contains(&hex::encode(signer.to_bytes())));
    }

    #[test]
    fn a_password_comes_from_a_file_or_a_variable() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("password");
        std::fs::write(&path, "first line\nsecond\n").expect("written");
        let read = |file, variable| PasswordSource { file, variable }.read("?").map(|password| password.to_string());
        assert_eq!(read(Some(path.as_path()), None).expect("read"), "first line");
        assert!(read(None, Some("PARLANCE_NO_SUCH_VARIABLE")).expect_err("missing").to_string().contains("PARLANCE_NO_SUCH_VARIABLE"));
    }

    #[test]
    fn the_staffs_password() {
        let hash = hash("correct horse battery").expect("hashed");
        assert!(is_hash(&hash) && fits("correct horse battery", &hash));
        assert!(!fits("correct horse batterz", &hash) && !fits("", &hash) && !fits("correct horse battery", "plain"));
        assert!(!is_hash("plain") && super::hash("short").is_err());
    }
}
