/// What a tenant may write in From, as configured: a whole domain or one address, in the form that is compared.
public struct SenderName: Hashable, Sendable, Comparable {
    /// `apa.example`, or `news@apa.example` in lower case; Punycode.
    public let text: String
    /// The address's domain, or the domain itself.
    public let domain: DomainName

    public var isAddress: Bool { text.utf8.count != domain.ascii.utf8.count }

    /// Throws what is wrong; wildcards are no names, and neither is an address with a display name.
    public init(parsing entry: some StringProtocol) throws(AddressError) {
        guard entry.utf8.contains(UInt8(ascii: "@")) else {
            domain = try DomainName(parsing: entry)
            text = domain.ascii
            return
        }
        let address = try EmailAddress(parsing: entry)
        guard address.displayName == nil else { throw AddressError(.displayName, "an allowed address has no name") }
        domain = try DomainName(parsing: address.domain)
        text = address.matchKey
    }

    /// Who may send as the other may send as it: it is the same, or an address of that domain. Nothing below is.
    public func isWithin(_ other: SenderName) -> Bool {
        self == other || !other.isAddress && domain == other.domain
    }

    /// It is the name, an address of the domain, or below it.
    public func isCovered(by other: SenderName) -> Bool {
        isWithin(other) || !other.isAddress && domain.isBelow(other.domain)
    }

    public static func < (left: SenderName, right: SenderName) -> Bool { left.text < right.text }
}

extension DomainName {
    /// `b.a.example` is below `a.example`, and `ba.example` is not.
    public func isBelow(_ other: DomainName) -> Bool { ascii.hasSuffix("." + other.ascii) }

    /// The domains that it is below, the nearest first, down to two labels.
    public var parents: [DomainName] {
        let labels = ascii.split(separator: ".")
        guard labels.count > 2 else { return [] }
        return (1...(labels.count - 2)).compactMap { try? DomainName(parsing: labels[$0...].joined(separator: ".")) }
    }
}
