//! Who may open a session now.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use parlance_zktls_protocol::relay::Refusal;

use crate::Limits;

const MINUTE: Duration = Duration::from_secs(60);
/// Above this, addresses that did nothing for a minute are forgotten.
const REMEMBERED: usize = 1 << 12;
/// Above this, no new address is admitted.
const MOST: usize = 1 << 16;

/// Counts sessions, all and by address. Nothing else is remembered between sessions, and this for a minute.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sessions: usize,
    clients: HashMap<IpAddr, Client>,
}

#[derive(Debug)]
struct Client {
    sessions: usize,
    minute: Instant,
    opened: u32,
}

/// One admitted session; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    admission: Arc<Admission>,
    client: IpAddr,
}

impl Admission {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, state: Mutex::default() })
    }

    /// Admits a session from `address`, or says why not. Refused tries count for the rate too.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr, now: Instant) -> Result<Ticket, Refusal> {
        let client = network(address);
        let mut state = self.state();
        let State { sessions, clients } = &mut *state;
        if clients.len() > REMEMBERED {
            clients.retain(|_, known| known.sessions > 0 || now.duration_since(known.minute) < MINUTE);
        }
        if clients.len() > MOST && !clients.contains_key(&client) {
            return Err(Refusal::Busy);
        }
        let known = clients.entry(client).or_insert(Client { sessions: 0, minute: now, opened: 0 });
        if now.duration_since(known.minute) >= MINUTE {
            (known.minute, known.opened) = (now, 0);
        }
        known.opened = known.opened.saturating_add(1);
        if known.opened > self.limits.client_rate {
            return Err(Refusal::TooOften);
        }
        if known.sessions >= self.limits.client_sessions {
            return Err(Refusal::AtOnce);
        }
        if *sessions >= self.limits.sessions {
            return Err(Refusal::Busy);
        }
        known.sessions += 1;
        *sessions += 1;
        Ok(Ticket { admission: self.clone(), client })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Counts stay right even when a thread died.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.admission.state();
        state.sessions = state.sessions.saturating_sub(1);
        if let Some(client) = state.clients.get_mut(&self.client) {
            client.sessions = client.sessions.saturating_sub(1);
        }
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

    const LIMITS: fn() -> Limits = || Limits { sessions: 3, client_sessions: 2, client_rate: 4, ..Limits::default() };

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
    }

    #[test]
    fn counts_at_once_and_in_a_minute() {
        let admission = Admission::new(LIMITS());
        let now = Instant::now();
        let admit = |text, after| admission.admit(address(text), now + Duration::from_secs(after)).map_err(|refusal| refusal.code());
        let first = admit("192.0.2.1", 0);
        let second = admit("::ffff:192.0.2.1", 1);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(admit("192.0.2.1", 2).err(), Some(Refusal::AtOnce.code()));
        let third = admit("192.0.2.2", 2);
        assert!(third.is_ok());
        assert_eq!(admit("192.0.2.3", 2).err(), Some(Refusal::Busy.code()));
        drop(first);
        assert!(admit("192.0.2.1", 3).is_ok());
        assert_eq!(admit("192.0.2.1", 59).err(), Some(Refusal::TooOften.code()));
        assert!(admit("192.0.2.1", 60).is_ok());
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let admission = Admission::new(LIMITS());
        let now = Instant::now();
        let kept: Vec<_> = (0..4).map(|host| admission.admit(address(&format!("2001:db8::{host}")), now)).collect();
        assert_eq!(kept.iter().filter(|ticket| ticket.is_ok()).count(), 2);
        assert!(admission.admit(address("2001:db8:0:1::"), now).is_ok());
    }

    #[test]
    fn idle_addresses_are_forgotten() {
        let admission = Admission::new(Limits { sessions: 1 << 20, ..LIMITS() });
        let now = Instant::now();
        for n in 0..=u32::try_from(REMEMBERED).unwrap_or(0) {
            drop(admission.admit(IpAddr::V4(n.into()), now));
        }
        drop(admission.admit(address("192.0.2.1"), now + MINUTE));
        assert_eq!(admission.state().clients.len(), 1);
    }
}
