import Outbound

/// Networks that requests may come from, in CIDR notation.
public struct SourceNetworks: Equatable, Sendable {
    private let networks: [Network]

    /// One entry as it is stored, or nil for what is neither an address nor a network.
    ///
    /// A bare address is a network of its own. What is written as IPv4 in IPv6 (`::ffff:192.0.2.0/120`) becomes IPv4, as source
    /// addresses do.
    public static func entry(_ text: String) -> String? {
        if let address = NetworkAddress(text) {
            let plain = address.unmapped
            return plain.isIPv4 ? "\(dotted(plain))/32" : "\(text.lowercased())/128"
        }
        guard let network = Network(text) else { return nil }
        let plain = network.address.unmapped
        guard plain.isIPv4, !network.address.isIPv4 else { return text.lowercased() }
        return network.prefixLength >= 96 ? "\(dotted(plain))/\(network.prefixLength - 96)" : nil
    }

    /// Nil where an entry is not as ``entry(_:)`` writes it.
    public init?(_ entries: [String]) {
        let networks = entries.compactMap { Network($0) }
        guard networks.count == entries.count else { return nil }
        self.networks = networks
    }

    /// Of entries that were checked when they were stored: one that is wrong nevertheless lets nobody in.
    init(stored entries: [String]) {
        networks = entries.compactMap { Network($0) }
    }

    /// Whether the address of a peer, as a socket or a proxy writes it, lies in one of them. What is no address does not.
    public func contains(_ text: some StringProtocol) -> Bool {
        guard let address = NetworkAddress(text)?.unmapped else { return false }
        return networks.contains { $0.contains(address) }
    }

    /// Whether every address of `other` is one of these.
    func covers(_ other: SourceNetworks) -> Bool {
        other.networks.allSatisfy { inner in
            networks.contains { $0.prefixLength <= inner.prefixLength && $0.contains(inner.address) }
        }
    }

    private static func dotted(_ address: NetworkAddress) -> String {
        address.bytes.map { String($0) }.joined(separator: ".")
    }
}
