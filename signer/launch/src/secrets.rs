//! The keyring's side of a session: the vault's second secret in, the signer's generation counter out.
//!
//! The signer can't reach D-Bus from its sandbox, so the launcher reads the keyring before the signer starts and
//! writes the counter for it afterwards.

use std::{
    fs,
    io::Read,
    net::Shutdown,
    os::{fd::OwnedFd, unix::net::UnixStream},
};

use parlance_signer_core::{
    SignerError,
    keyring::{Backend, Handover, KeyringStore},
};

use crate::{
    data::DataFolder,
    error::{LaunchError, Trying},
};

/// Under which service the secrets stand in the keyring.
const SERVICE: &str = "parlance";

/// An open keyring, the account in it that belongs to one data folder, and what it holds for the signer.
pub struct Keyring {
    store: KeyringStore,
    account: String,
    handover: Handover,
}

impl Keyring {
    /// The desktop's keyring, where there is one that survives a reboot. `None` is no error: the signer then says that
    /// the vault rests on its password alone, and asks for a longer one.
    pub fn open(folder: &DataFolder) -> Result<Option<Self>, LaunchError> {
        let Ok(store) = KeyringStore::open(Backend::SecretService) else {
            return Ok(None);
        };
        let account = identity(folder)?;
        match load(&store, &account) {
            Ok(handover) => Ok(Some(Self { store, account, handover })),
            // A locked keyring is no reason not to play: that vault's phrase and password are public anyway.
            Err(e) if folder.is_local_world() => {
                eprintln!("parlance: the keyring can't be used ({e}); play money does without");
                Ok(None)
            }
            Err(e) => Err(e.into()),
        }
    }

    /// Hand secret and generation to the signer, then write down each generation that it reports.
    pub fn serve(self, mut socket: UnixStream) -> Result<(), LaunchError> {
        let copy = OwnedFd::from(socket.try_clone().trying("copying a socket")?);
        self.handover.to_fd(copy)?;
        socket.shutdown(Shutdown::Write).trying("closing one side of a socket")?;
        std::thread::spawn(move || {
            let mut frame = [0u8; 8];
            while socket.read_exact(&mut frame).is_ok() {
                if let Err(e) = self.store.store_generation(SERVICE, &self.account, u64::from_le_bytes(frame)) {
                    eprintln!("parlance: the keyring did not take the signer's counter ({e}); a rollback would be noticed later");
                }
            }
        });
        Ok(())
    }
}

fn load(store: &KeyringStore, account: &str) -> Result<Handover, SignerError> {
    Ok(Handover { secret: Some(store.load_or_create(SERVICE, account)?), generation: store.load_generation(SERVICE, account)? })
}

/// A random name for the data folder, so that two wallets have two secrets and a moved folder keeps its own.
fn identity(folder: &DataFolder) -> Result<String, LaunchError> {
    let path = folder.root().join("id");
    match fs::read_to_string(&path) {
        Ok(id) if id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()) => return Ok(id),
        Ok(_) => {
            return Err(LaunchError::System { what: format!("reading {}", path.display()), why: std::io::Error::other("it is damaged") });
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => {
            return Err(LaunchError::System { what: format!("reading {}", path.display()), why: e });
        }
    }
    let mut random = [0u8; 16];
    fs::File::open("/dev/urandom").and_then(|mut f| f.read_exact(&mut random)).trying("reading random bytes")?;
    let id: String = random.iter().map(|b| format!("{b:02x}")).collect();
    fs::write(&path, &id).trying(format!("writing {}", path.display()))?;
    Ok(id)
}
