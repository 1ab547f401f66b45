//! Reaching the bank: the notary resolves and dials itself, and only what is public.

use std::net::SocketAddr;

use parlance_zktls_protocol::is_public;
use parlance_zktls_protocol::relay::Refusal;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::{Limits, Route};

const HTTPS: u16 = 443;
/// Addresses to try.
const TRIES: usize = 4;

/// A connection to the bank. The address is the one dialled.
pub(crate) async fn dial(domain: &str, route: Route, limits: &Limits) -> Result<(TcpStream, SocketAddr), Refusal> {
    let addresses = match route {
        Route::Local(address) => vec![address],
        Route::Public => {
            let resolved = timeout(limits.dial(), lookup_host((domain, HTTPS))).await;
            let resolved = resolved.map_err(|_| Refusal::Unreachable)?.map_err(|_| Refusal::Unreachable)?;
            public(resolved)?
        }
    };
    let connect = async {
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok((stream, address)),
                Err(error) => tracing::debug!(%address, %error, "dial"),
            }
        }
        Err(Refusal::Unreachable)
    };
    let (stream, address) = timeout(limits.dial(), connect).await.map_err(|_| Refusal::Unreachable)??;
    stream.set_nodelay(true).map_err(|_| Refusal::Unreachable)?;
    Ok((stream, address))
}

/// The first few addresses; none when any is not public: a name that points inside is not the bank's.
fn public(resolved: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, Refusal> {
    let addresses: Vec<_> = resolved.map(|address| SocketAddr::new(address.ip().to_canonical(), HTTPS)).collect();
    if addresses.is_empty() || !addresses.iter().all(|address| is_public(address.ip())) {
        return Err(Refusal::Unreachable);
    }
    Ok(addresses.into_iter().take(TRIES).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_inner_address_spoils_a_name() {
        let name = |addresses: &[&str]| public(addresses.iter().filter_map(|text| text.parse().ok()).map(|ip| SocketAddr::new(ip, 1)));
        assert_eq!(name(&["1.1.1.1", "::ffff:1.0.0.1"]).map(|found| found.len()), Ok(2));
        assert_eq!(name(&["1.1.1.1", "127.0.0.1"]), Err(Refusal::Unreachable));
        assert_eq!(name(&["::ffff:127.0.0.1"]), Err(Refusal::Unreachable));
        assert_eq!(name(&[]), Err(Refusal::Unreachable));
        assert!(name(&["1.1.1.1"]).is_ok_and(|found| found.iter().all(|address| address.port() == HTTPS)));
    }
}
