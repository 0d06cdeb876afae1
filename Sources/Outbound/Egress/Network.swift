/// All addresses that begin with the same bits: `10.0.0.0/8`, `fd00::/8`.
public struct Network: Hashable, Sendable, CustomStringConvertible {
    public let address: NetworkAddress
    /// How many leading bits are common to all.
    public let prefixLength: Int
    public let description: String

    /// Reads an address, a slash and a number of bits. Nil for anything else, and where a bit behind the prefix is set:
    /// `10.0.0.1/8` is more likely a mistake than a network.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = NetworkAddress(parts[0]), let length = Self.length(parts[1]),
            length <= address.bytes.count * 8
        else { return nil }
        self.address = address
        prefixLength = length
        description = text
        guard Self.masked(address, length) == address.bytes else { return nil }
    }

    public func contains(_ other: NetworkAddress) -> Bool {
        other.bytes.count == address.bytes.count && Self.masked(other, prefixLength) == address.bytes
    }

    private static func length(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            text == "0" || !text.hasPrefix("0")
        else { return nil }
        return Int(text)
    }

    private static func masked(_ address: NetworkAddress, _ length: Int) -> [UInt8] {
        address.bytes.enumerated().map { index, byte in
            let bits = min(max(length - index * 8, 0), 8)
            return bits == 0 ? 0 : byte & (0xff << UInt8(8 - bits))
        }
    }
}
