import Glibc

/// An IPv4 or IPv6 address.
public struct NetworkAddress: Hashable, Sendable {
    /// 4 or 16 bytes, in network order.
    public let bytes: [UInt8]

    /// Nil for any other number of bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads four decimal numbers, or IPv6 as RFC 4291 section 2.2 writes it, without brackets and zone. Forms that only
    /// some programs take for addresses (`127.1`, `0x7f000001`) are none here.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        // What follows it would not be looked at.
        guard !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            // Safe: writes the 4 or 16 bytes of an address of that family.
            let isRead = unsafe bytes.withUnsafeMutableBytes { unsafe inet_pton(family, text, $0.baseAddress) == 1 }
            if isRead {
                self.bytes = Array(bytes.prefix(count))
                return
            }
        }
        return nil
    }

    public var isIPv4: Bool { bytes.count == 4 }

    /// The IPv4 address that a socket of the other family would reach by this one (`::ffff:192.0.2.1`); otherwise itself.
    public var unmapped: NetworkAddress {
        let prefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        guard bytes.count == 16, bytes.starts(with: prefix) else { return self }
        return NetworkAddress(bytes: Array(bytes[12...])) ?? self
    }
}
