import Mail

public import struct Foundation.Date

/// What of a key is asked for; what is nil stays as it is, or is as its maker has it. Where the value within may be nil, that is
/// no restriction.
public struct KeyChange: Sendable {
    /// Of each list.
    static let maximumEntries = 100
    static let maximumName = 200

    public var name: String?
    public var scopes: Set<KeyScope>?
    public var domains: [String]??
    public var regions: [String]??
    public var allowedIPs: [String]??
    public var expiresAt: Date??
    /// Said when a key is made; it stays what it is.
    public var isTest: Bool?

    public init() {}

    /// What is wrong with a member.
    public struct Fault: Error, Equatable, Sendable, CustomStringConvertible {
        /// A JSON pointer, such as `/domains/0`.
        public let pointer: String
        public let detail: String

        public var description: String { "\(pointer.dropFirst()): \(detail)" }
    }

    /// The change with its entries as they are compared.
    ///
    /// - Throws: what is wrong with the first bad member.
    public func checked(now: Date) throws(Fault) -> KeyChange {
        var checked = self
        if let name {
            guard (1...Self.maximumName).contains(name.utf8.count),
                name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else {
                throw Fault(
                    pointer: "/name",
                    detail: "must be 1 to \(Self.maximumName) bytes without control characters"
                )
            }
        }
        if let scopes, scopes.isEmpty { throw Fault(pointer: "/scopes", detail: "a key needs at least one scope") }
        if case .some(.some(let entries)) = domains { checked.domains = .some(try Self.domains(entries)) }
        if case .some(.some(let entries)) = regions { checked.regions = .some(try Self.regions(entries)) }
        if case .some(.some(let entries)) = allowedIPs { checked.allowedIPs = .some(try Self.networks(entries)) }
        if case .some(.some(let time)) = expiresAt, time <= now {
            throw Fault(pointer: "/expires_at", detail: "is over already; revoke the key instead")
        }
        return checked
    }

    /// The grant with the change.
    func applied(to grant: KeyGrant) -> KeyGrant {
        var changed = grant
        if let scopes { changed.scopes = scopes }
        if let domains { changed.domains = domains }
        if let regions { changed.regions = regions }
        if let allowedIPs { changed.allowedIPs = allowedIPs }
        if let expiresAt { changed.expiresAt = expiresAt }
        if let isTest { changed.isTest = isTest }
        return changed
    }

    private static func domains(_ entries: [String]) throws(Fault) -> [String] {
        try checkCount(entries, "/domains")
        var names: Set<String> = []
        for (index, entry) in entries.enumerated() {
            do throws(AddressError) {
                names.insert(try SenderName(parsing: entry).text)
            } catch {
                throw Fault(pointer: "/domains/\(index)", detail: error.message)
            }
        }
        return names.sorted()
    }

    private static func regions(_ entries: [String]) throws(Fault) -> [String] {
        try checkCount(entries, "/regions")
        for (index, entry) in entries.enumerated() where !DirectoryName.isValid(entry) {
            throw Fault(pointer: "/regions/\(index)", detail: "is no name of a region")
        }
        return Set(entries).sorted()
    }

    private static func networks(_ entries: [String]) throws(Fault) -> [String] {
        try checkCount(entries, "/allowed_ips")
        var networks: Set<String> = []
        for (index, entry) in entries.enumerated() {
            guard let network = SourceNetworks.entry(entry) else {
                throw Fault(
                    pointer: "/allowed_ips/\(index)",
                    detail: "must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32, "
                        + "with no bit set behind the prefix"
                )
            }
            networks.insert(network)
        }
        return networks.sorted()
    }

    private static func checkCount(_ entries: [String], _ pointer: String) throws(Fault) {
        guard (1...maximumEntries).contains(entries.count) else {
            throw Fault(pointer: pointer, detail: "must have 1 to \(maximumEntries) entries; null is no restriction")
        }
    }
}
