/// Which From addresses a tenant may use: entries are a domain (`a.example`) or a full address (`shop@a.example`).
///
/// Domains match exactly: `a.example` allows neither `b.a.example` nor the other way round. Comparison is in Punycode
/// and lower case, so `bücher.example` and `xn--bcher-kva.example` are one entry.
public struct FromPolicy: Hashable, Sendable {
    private let domains: Set<String>
    private let addresses: Set<String>

    /// Throws what is wrong with the first bad entry; wildcards are no entries.
    public init(_ entries: some Sequence<String>) throws(AddressError) {
        var domains: Set<String> = []
        var addresses: Set<String> = []
        for entry in entries {
            if entry.utf8.contains(UInt8(ascii: "@")) {
                let address = try EmailAddress(parsing: entry)
                guard address.displayName == nil else {
                    throw AddressError(.displayName, "an allowed address has no name")
                }
                addresses.insert(address.matchKey)
            } else {
                domains.insert(try DomainName(parsing: entry).ascii)
            }
        }
        self.domains = domains
        self.addresses = addresses
    }

    /// Whether the address, or its very domain, is an entry.
    public func allows(_ address: EmailAddress) -> Bool {
        domains.contains(address.domain) || addresses.contains(address.matchKey)
    }

    /// The entries in their compared form, sorted.
    public var entries: [String] {
        (domains.union(addresses)).sorted()
    }
}
