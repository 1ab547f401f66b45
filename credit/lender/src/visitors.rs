//! How often one client may ask for something.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Refusal;
use crate::config::Limits;

const MINUTE: Duration = Duration::from_secs(60);
/// Above this, what is older than a minute is forgotten.
const REMEMBERED: usize = 1 << 12;
/// Above this, no new client is admitted.
const MOST: usize = 1 << 16;
/// All clients together may try to sign in this many times as often as one: a hash of a password is dear.
const ALL_LOGINS: u32 = 10;
/// Stands for all clients.
const EVERYBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// An offer.
    Offer,
    /// The verification of a proof.
    Proof,
    /// An attestation.
    Application,
    /// To sign in.
    Login,
    /// Anything else.
    Page,
}

/// Counts wishes by client and minute.
#[derive(Debug)]
pub struct Visitors {
    limits: Limits,
    seen: Mutex<HashMap<(IpAddr, Wish), (Instant, u32)>>,
}

impl Visitors {
    /// With these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, seen: Mutex::default() }
    }

    /// Admits a wish, or says that there were too many. Refused ones count too.
    pub fn admit(&self, client: IpAddr, wish: Wish, now: Instant) -> Result<(), Refusal> {
        let most = match wish {
            Wish::Offer => self.limits.offers,
            Wish::Proof => self.limits.proofs,
            Wish::Application => self.limits.applications,
            Wish::Login => self.limits.logins,
            Wish::Page => self.limits.pages,
        };
        self.count(network(client), wish, most, now)?;
        if wish == Wish::Login {
            self.count(EVERYBODY, wish, most.saturating_mul(ALL_LOGINS), now)?;
        }
        Ok(())
    }

    fn count(&self, client: IpAddr, wish: Wish, most: u32, now: Instant) -> Result<(), Refusal> {
        let too_many = |message| Err(Refusal::new(429, "too_often", message, "wait a minute and try again"));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() > REMEMBERED {
            seen.retain(|_, (since, _)| now.duration_since(*since) < MINUTE);
        }
        if seen.len() > MOST && !seen.contains_key(&(client, wish)) {
            return too_many("too many clients at the moment".to_owned());
        }
        let (since, count) = seen.entry((client, wish)).or_insert((now, 0));
        if now.duration_since(*since) >= MINUTE {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count > most { too_many(format!("{count} in a minute, {most} are allowed")) } else { Ok(()) }
    }
}

/// What counts as one client: an IPv4 address, or an IPv6 /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_its_own_minute() {
        let visitors = Visitors::new(Limits { offers: 2, proofs: 1, ..Limits::default() });
        let start = Instant::now();
        let admit = |client: &str, wish, after| {
            visitors.admit(client.parse().expect("an address"), wish, start + Duration::from_secs(after)).map_err(|refusal| refusal.status)
        };
        assert_eq!([admit("192.0.2.1", Wish::Offer, 0), admit("::ffff:192.0.2.1", Wish::Offer, 1)], [Ok(()), Ok(())]);
        assert_eq!(admit("192.0.2.1", Wish::Offer, 2), Err(429));
        assert_eq!((admit("192.0.2.1", Wish::Proof, 2), admit("192.0.2.2", Wish::Offer, 2)), (Ok(()), Ok(())));
        assert_eq!((admit("192.0.2.1", Wish::Offer, 59), admit("192.0.2.1", Wish::Offer, 60)), (Err(429), Ok(())));
        assert_eq!((admit("2001:db8::1", Wish::Proof, 0), admit("2001:db8::2", Wish::Proof, 0)), (Ok(()), Err(429)));
    }

    #[test]
    fn all_clients_together_can_only_try_so_many_passwords() {
        let visitors = Visitors::new(Limits { logins: 2, ..Limits::default() });
        let now = Instant::now();
        let admitted =
            (0..100_u32).filter(|n| visitors.admit(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n)), Wish::Login, now).is_ok()).count();
        assert_eq!(admitted, 20);
    }
}
