/// Where requests to URLs that others have chosen may go: to addresses of the public internet, and to the networks that the
/// operator allows besides. It keeps a URL from being a way into the operator's own network (SSRF).
///
/// It is asked about the very address that is connected to, behind all lookups of names; so nothing is gained by a name that
/// changes its address, or by a spelling of an address that only some programs read.
public struct EgressPolicy: Hashable, Sendable {
    public let allowed: [Network]

    public init(allowing networks: [Network] = []) {
        allowed = networks
    }

    public func permits(_ address: NetworkAddress) -> Bool {
        allowed.contains { $0.contains(address) || $0.contains(address.unmapped) } || Self.isPublic(address)
    }

    /// Whether the address is one host's on the public internet (IANA's special-purpose address registries, RFC 6890).
    /// Addresses that hold an IPv4 address lead to it through a translator that we know nothing of, so none is public.
    static func isPublic(_ address: NetworkAddress) -> Bool {
        let special = address.isIPv4 ? specialIPv4 : specialIPv6
        return (address.isIPv4 || globalUnicast.contains { $0.contains(address) })
            && !special.contains { $0.contains(address) }
    }

    private static func networks(_ texts: [String]) -> [Network] {
        let networks = texts.compactMap { Network($0) }
        precondition(networks.count == texts.count, "a network of the egress policy is misspelt")
        return networks
    }

    private static let specialIPv4 = networks([
        "0.0.0.0/8",  // this network
        "10.0.0.0/8",  // private
        "100.64.0.0/10",  // shared by carriers
        "127.0.0.0/8",  // loopback
        "168.63.129.16/32",  // Azure's platform, for every machine there; routed nowhere else
        "169.254.0.0/16",  // link-local, cloud metadata
        "172.16.0.0/12",  // private
        "192.0.0.0/24",  // protocol assignments
        "192.0.2.0/24",  // documentation
        "192.88.99.0/24",  // 6to4 relays
        "192.168.0.0/16",  // private
        "198.18.0.0/15",  // benchmarks
        "198.51.100.0/24",  // documentation
        "203.0.113.0/24",  // documentation
        "224.0.0.0/4",  // multicast
        "240.0.0.0/4",  // reserved, broadcast
    ])

    /// Everything else of IPv6 is loopback, mapped, translated, unique local, link-local, site-local, multicast or reserved.
    private static let globalUnicast = networks(["2000::/3"])

    private static let specialIPv6 = networks([
        "2001::/23",  // protocol assignments, Teredo
        "2001:db8::/32",  // documentation
        "2002::/16",  // 6to4
        "3fff::/20",  // documentation
    ])
}
