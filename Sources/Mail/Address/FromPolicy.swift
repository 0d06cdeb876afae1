/// Which From addresses a tenant may use: entries are a domain (`a.example`) or a full address (`shop@a.example`).
///
/// Domains match exactly: `a.example` allows neither `b.a.example` nor the other way round. Comparison is in Punycode
/// and lower case, so `bücher.example` and `xn--bcher-kva.example` are one entry.
public struct FromPolicy: Hashable, Sendable {
    private var domains: Set<String> = []
    private var addresses: Set<String> = []

    /// Of entries that were checked when they were stored: one that is wrong nevertheless allows nothing.
    public init(stored entries: some Sequence<String>) {
        for entry in entries {
            guard let name = try? SenderName(parsing: entry) else { continue }
            if name.isAddress { addresses.insert(name.text) } else { domains.insert(name.text) }
        }
    }

    /// Whether the address, or its very domain, is an entry.
    public func allows(_ address: EmailAddress) -> Bool {
        domains.contains(address.domain) || addresses.contains(address.matchKey)
    }
}
