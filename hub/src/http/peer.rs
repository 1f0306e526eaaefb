//! Who is on the other end: the peer of the connection, or whom a trusted proxy names.
//!
//! `X-Forwarded-For` is believed only as far as it was written by `http.trusted_proxies`: from its right end, over trusted
//! addresses, to the first that is not. Anybody can write the rest of it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use http::{HeaderMap, HeaderValue};

/// Proxies whose word about a client's address is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// Addresses that share their first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix_bits: u32,
}

impl TrustedProxies {
    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The address of whoever made the request.
    pub fn client(&self, headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
        let mut client = peer.ip().to_canonical();
        // By bytes: what a client wrote may be no text, and what a proxy added behind it counts all the same.
        let lines = headers.get_all("x-forwarded-for").iter().rev().map(HeaderValue::as_bytes);
        for hop in lines.flat_map(|line| line.rsplit(|byte| *byte == b',')) {
            if !self.contains(client) {
                break;
            }
            let Some(next) = std::str::from_utf8(hop).ok().and_then(parse_hop) else { break };
            client = next;
        }
        client
    }
}

/// An address as proxies write it: some add the port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// Whom a throttle takes for one: an address, or the /64 of an IPv6 address, because that is what one host has at its disposal.
pub fn one_client(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64));
            format!("{network}/64")
        }
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    /// Reads addresses and networks (`10.0.0.0/8`), separated by commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(one, two)| (one, Some(two)));
        let address: IpAddr = address.parse().map_err(|_| format!("{text:?} is no address or network"))?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = bits.map_or(Ok(width), str::parse).ok().filter(|bits| *bits <= width);
        let prefix_bits =
            prefix_bits.ok_or_else(|| format!("{text:?} has no prefix of 0 to {width} bits"))?;
        Ok(Self { address, prefix_bits })
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = u64::from(own.to_bits() ^ other.to_bits());
                differ >> (32 - self.prefix_bits) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.checked_shr(128 - self.prefix_bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &str, peer: &str, forwarded: &[&'static str]) -> String {
        let proxies: TrustedProxies = proxies.parse().unwrap();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        proxies.client(&headers, SocketAddr::new(peer.parse().unwrap(), 5)).to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        assert_eq!(client("", "10.0.0.1", &["203.0.113.7"]), "10.0.0.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("10.0.0.0/8", "11.0.0.1", &["203.0.113.7"]), "11.0.0.1");
        assert_eq!(client("10.0.0.0/8", "::ffff:10.0.0.1", &["203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(client("fd00::/8", "fd00::1", &["[2001:db8::1]:80"]), "2001:db8::1");
    }

    #[test]
    fn what_a_client_writes_itself_is_not_believed() {
        let spoofed = ["1.1.1.1, 203.0.113.7, 10.0.0.9"];
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &spoofed), "203.0.113.7");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["1.1.1.1", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["1.1.1.1, rubbish"]), "10.0.0.1");
        assert_eq!(client("0.0.0.0/0", "10.0.0.1", &["1.1.1.1"]), "1.1.1.1");
    }

    #[test]
    fn what_is_no_text_hides_nothing_that_a_proxy_wrote() {
        let proxies: TrustedProxies = "10.0.0.0/8".parse().unwrap();
        let client = |lines: &[&'static [u8]]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_bytes(line).unwrap());
            }
            proxies.client(&headers, "10.0.0.1:5".parse().unwrap()).to_string()
        };
        assert_eq!(client(&[b"\xff, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(&[b"1.1.1.1", b"\xff, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(&[b"1.1.1.1", b"\xff"]), "10.0.0.1");
    }

    #[test]
    fn the_addresses_of_one_ipv6_host_are_one_client() {
        let one = |text: &str| one_client(text.parse().unwrap());
        assert_eq!(one("2001:db8:1:2:aaaa::1"), one("2001:db8:1:2:bbbb::2"));
        assert_ne!(one("2001:db8:1:2::1"), one("2001:db8:1:3::1"));
        assert_ne!(one("10.0.0.1"), one("10.0.0.2"));
        assert_eq!(one("::ffff:10.0.0.1"), "10.0.0.1");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in ["10.0.0.0/33", "::/129", "proxy.example", "10.0.0.1/x", "10.0.0.1/"] {
            assert!(bad.parse::<TrustedProxies>().is_err(), "{bad}");
        }
        assert!("::/0, 10.0.0.1".parse::<TrustedProxies>().is_ok());
    }
}
