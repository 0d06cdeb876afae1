/// The account's suppression list, bounded, with addresses compared without regard to case.
struct SuppressionList: Sendable {
    struct Entry: Sendable, Equatable {
        var address: String
        var reason: String
        /// Milliseconds since 1970.
        var updatedAt: Int64
    }

    static let reasons = ["BOUNCE", "COMPLAINT"]

    private static let capacity = 100_000

    private var entries: [String: Entry] = [:]

    /// Adds or replaces an entry; false where there is no room.
    mutating func put(_ address: String, reason: String, at milliseconds: Int64) -> Bool {
        let key = address.lowercased()
        guard entries[key] != nil || entries.count < Self.capacity else { return false }
        entries[key] = Entry(address: address, reason: reason, updatedAt: milliseconds)
        return true
    }

    /// Whether there was such an entry.
    mutating func remove(_ address: String) -> Bool { entries.removeValue(forKey: address.lowercased()) != nil }

    subscript(address: String) -> Entry? { entries[address.lowercased()] }

    /// Those of `recipients`, display names and all, that are on the list.
    func found(in recipients: [String]) -> Set<String> {
        guard !entries.isEmpty else { return [] }
        return Set(recipients.filter { entries[EmailAddress.bare($0).lowercased()] != nil })
    }

    /// A page in the order of the addresses, and the address after which the next begins.
    func page(after: String?, limit: Int, reasons: [String]) -> (entries: [Entry], next: String?) {
        let keys = entries.keys.sorted()
            .filter { key in after.map { key > $0 } ?? true }
            .filter { key in reasons.isEmpty || reasons.contains(entries[key]?.reason ?? "") }
        let page = keys.prefix(limit)
        return (page.compactMap { entries[$0] }, page.count < keys.count ? page.last : nil)
    }
}
