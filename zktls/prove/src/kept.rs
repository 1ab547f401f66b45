//! Key exchange groups that keep the shared secret, from which the proof's handshake secret follows.
//!
//! rustls wants its groups `'static`, so they can't hold a place for one session's secret. It completes the exchange within
//! one synchronous call, though: [`keeping`] makes that call and takes the secret out of the thread before it returns.

use std::cell::RefCell;

use rustls::Error;
use rustls::crypto::ring::kx_group;
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::{NamedGroup, ffdhe_groups::FfdheGroup};
use zeroize::Zeroizing;

pub(crate) static X25519: Kept = Kept(kx_group::X25519);
pub(crate) static SECP256R1: Kept = Kept(kx_group::SECP256R1);

thread_local! {
    static SECRET: RefCell<Option<Zeroizing<Vec<u8>>>> = const { RefCell::new(None) };
}

/// Runs `step` and gives the secret of an exchange that was completed in it.
pub(crate) fn keeping<T>(step: impl FnOnce() -> T) -> (T, Option<Zeroizing<Vec<u8>>>) {
    SECRET.take();
    let done = step();
    (done, SECRET.take())
}

/// A group whose exchanges keep their secret.
#[derive(Debug)]
pub(crate) struct Kept(&'static dyn SupportedKxGroup);

struct KeptExchange(Box<dyn ActiveKeyExchange>);

impl SupportedKxGroup for Kept {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        Ok(Box::new(KeptExchange(self.0.start()?)))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        self.0.ffdhe_group()
    }

    fn name(&self) -> NamedGroup {
        self.0.name()
    }
}

impl ActiveKeyExchange for KeptExchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let secret = self.0.complete(peer)?;
        SECRET.set(Some(Zeroizing::new(secret.secret_bytes().to_vec())));
        Ok(secret)
    }

    fn pub_key(&self) -> &[u8] {
        self.0.pub_key()
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        self.0.ffdhe_group()
    }

    fn group(&self) -> NamedGroup {
        self.0.group()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_keep_one_secret_and_nothing_stays_behind() -> Result<(), Error> {
        for group in [&X25519, &SECP256R1] {
            let (ours, theirs) = (group.start()?, group.start()?);
            let (our_key, their_key) = (ours.pub_key().to_vec(), theirs.pub_key().to_vec());
            let (shared, ours) = keeping(|| ours.complete(&their_key));
            let (_, theirs) = keeping(|| theirs.complete(&our_key));
            assert_eq!(ours.as_deref().map(Vec::as_slice), Some(shared?.secret_bytes()));
            assert_eq!(ours, theirs);
            assert_eq!(keeping(|| ()).1, None);
        }
        Ok(())
    }

    #[test]
    fn a_failed_exchange_keeps_nothing() -> Result<(), Error> {
        let exchange = X25519.start()?;
        let (failed, kept) = keeping(|| exchange.complete(&[0; 32]).is_err());
        assert!(failed && kept.is_none());
        Ok(())
    }
}
