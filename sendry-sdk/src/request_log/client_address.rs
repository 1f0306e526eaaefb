//! Who called: the address of the connection, or, behind proxies that are trusted, the one that they say.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::header_lines::HeaderLines;

/// Hops of a forwarding header that are looked at. More are a header that somebody plays with.
const HOPS_MAX: usize = 32;

/// Addresses and networks of the proxies in front of the application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    pub(super) fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// The caller behind `peer`. `X-Forwarded-For` and `Forwarded` are read from the right, each hop being believed as long as
    /// the one that says so is trusted.
    pub(super) fn client_of(&self, peer: IpAddr, headers: HeaderLines<'_>) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in hops(headers).take(HOPS_MAX) {
            match hop {
                Some(before) if self.contain(client) => client = before.to_canonical(),
                _ => break,
            }
        }
        client
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// The addresses of the forwarding headers, the nearest first; none in place of what is no address. Where both headers are
/// there, the one that more proxies write wins.
fn hops(headers: HeaderLines<'_>) -> impl Iterator<Item = Option<IpAddr>> {
    let common: Vec<&[u8]> = headers.values_of("x-forwarded-for").collect();
    let standard = if common.is_empty() { headers.values_of("forwarded").collect() } else { Vec::new() };
    let items = |lines: Vec<&[u8]>| -> Vec<String> {
        let items = lines.into_iter().flat_map(|line| line.split(|byte| *byte == b','));
        items.map(|item| String::from_utf8_lossy(item).into_owned()).collect()
    };
    let common = items(common).into_iter().rev().map(|item| parse_address(&item));
    common.chain(items(standard).into_iter().rev().map(|item| parse_address(forwarded_for(&item)?)))
}

/// The value of `for` in one element of `Forwarded` (RFC 7239).
fn forwarded_for(element: &str) -> Option<&str> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value.len())
    };
    let value = element.split(';').find_map(|text| pair(text).map(|len| &text[text.len() - len..]))?;
    Some(value.trim().trim_matches('"'))
}

/// An address with or without a port, IPv6 with or without brackets.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    bare.unwrap_or(text).parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip())).ok()
}

/// An address, or all that share its first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    bits: u128,
    /// How many of the leading bits count.
    prefix: u32,
}

impl Network {
    /// Reads `10.1.2.3`, `10.0.0.0/8` or `fd00::/8`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = if text.contains('/') { prefix.parse::<u32>().ok()? } else { width };
        (prefix <= width).then(|| Self { bits: bits(address), prefix: 128 - width + prefix })
    }

    fn contains(&self, address: IpAddr) -> bool {
        let different = self.bits ^ bits(address);
        different.leading_zeros() >= self.prefix
    }
}

/// Both families in one space: IPv4 as it is mapped into IPv6.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::header_lines::append;
    use super::*;

    fn client(proxies: &[&str], peer: &str, headers: &[(&str, &str)]) -> String {
        let proxies = TrustedProxies::new(proxies.iter().map(|text| Network::parse(text).unwrap()).collect());
        let mut lines = Vec::new();
        append(&mut lines, headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        proxies.client_of(peer.parse().unwrap(), HeaderLines::new(&lines)).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_connection_tells_and_headers_do_not() {
        assert_eq!(client(&[], "203.0.113.9", &[("x-forwarded-for", "1.2.3.4")]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", &[("forwarded", "for=1.2.3.4")]), "203.0.113.9");
    }

    #[test]
    fn each_hop_is_believed_as_long_as_the_one_before_is_trusted() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        let through = |line| client(&proxies, "10.1.1.1", &[("x-forwarded-for", line)]);
        assert_eq!(through("6.6.6.6, 203.0.113.9, 10.2.2.2"), "203.0.113.9");
        assert_eq!(through("10.3.3.3,10.2.2.2"), "10.3.3.3");
        assert_eq!(through("6.6.6.6, unknown, 10.2.2.2"), "10.2.2.2");
        assert_eq!(through("2001:db8::1"), "2001:db8::1");
        assert_eq!(through("203.0.113.9:4711"), "203.0.113.9");
        let lines = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "fd00::1")];
        assert_eq!(client(&proxies, "::ffff:10.1.1.1", &lines), "203.0.113.9");
    }

    #[test]
    fn the_standard_header_is_read_where_the_common_one_is_not_there() {
        let line = ("forwarded", "for=1.1.1.1;proto=http, proto=https; For=\"[2001:db8::9]:80\"");
        assert_eq!(client(&["10.1.1.1"], "10.1.1.1", &[line]), "2001:db8::9");
        assert_eq!(client(&["10.1.1.1"], "10.1.1.1", &[line, ("x-forwarded-for", "2.2.2.2")]), "2.2.2.2");
    }

    #[test]
    fn networks_are_checked() {
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1", "proxy.local"] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
        let all = Network::parse("0.0.0.0/0").unwrap();
        assert!(all.contains("1.2.3.4".parse().unwrap()) && !all.contains("2001:db8::1".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn any_header_gives_an_address(line in "[ -~]{0,60}", common in any::<bool>()) {
            let name = if common { "x-forwarded-for" } else { "forwarded" };
            let trusting = TrustedProxies::new(vec![Network::parse("0.0.0.0/0").unwrap()]);
            let mut lines = Vec::new();
            append(&mut lines, [(name, line.as_bytes())]);
            trusting.client_of("10.0.0.1".parse().unwrap(), HeaderLines::new(&lines));
        }
    }
}
