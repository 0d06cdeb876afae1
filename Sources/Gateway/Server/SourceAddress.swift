/// Where a connection comes from, as far as one source is told from another: an IPv4 address, or the first 64 bits of one of
/// IPv6, which is what one customer of a provider has.
struct SourceAddress: Hashable {
    let text: String

    /// - Parameter address: as the system writes it.
    init(_ address: String) {
        guard address.contains(":") else {
            text = address
            return
        }
        let plain = address.prefix { $0 != "%" }
        // IPv4 in IPv6, such as ::ffff:192.0.2.1.
        if plain.contains("."), let last = plain.split(separator: ":").last {
            text = String(last)
            return
        }
        text = Self.groups(plain).prefix(4).joined(separator: ":")
    }

    /// All eight, with those that `::` stands for.
    private static func groups(_ address: Substring) -> [String] {
        let groups = address.split(separator: ":", omittingEmptySubsequences: false).map { $0.lowercased() }
        guard let gap = groups.indices.dropFirst().first(where: { groups[$0].isEmpty }) else { return groups }
        let left = groups[..<gap].filter { !$0.isEmpty }
        let right = groups[gap...].filter { !$0.isEmpty }
        return left + Array(repeating: "0", count: max(0, 8 - left.count - right.count)) + right
    }
}
