//! Which addresses a bank may have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public Internet (IANA's special-purpose registries): a notary that dials others reaches
/// whatever the borrower put there.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b) {
        (0 | 10 | 127, _) => true,       // this network, private, loopback
        (100, 64..=127) => true,         // shared by a carrier
        (169, 254) | (192, 168) => true, // link-local, private
        (172, 16..=31) => true,          // private
        (192, 0) => matches!(c, 0 | 2),  // protocols, documentation
        (192, 88) => c == 99,            // relays of 6to4
        (198, 18..=19) => true,          // benchmarks
        (198, 51) => c == 100,           // documentation
        (203, 0) => c == 113,            // documentation
        (224.., _) => true,              // multicast, reserved, broadcast
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Protocols (Teredo, ORCHID, ...), documentation, 6to4.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x2002, ..] => false,
        // Documentation.
        [0x3fff, 0..=0x0fff, ..] => false,
        // Global unicast; everything else (loopback, mapped, translated, unique local, link-local, multicast) is outside.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_dialled() {
        for text in [
            "1.1.1.1",
            "192.0.3.1",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "93.184.216.34",
            "100.63.0.1",
            "2001:4860:4860::8888",
        ] {
            assert!(text.parse().is_ok_and(is_public), "{text}");
        }
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:1.1.1.1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "64:ff9b::a00:1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(text.parse().is_ok_and(|address| !is_public(address)), "{text}");
        }
    }
}
