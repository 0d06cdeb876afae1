/// Boundaries for multipart bodies, from a seed.
///
/// They start with `=_`, which neither quoted-printable nor base64 can hold (RFC 2045, section 6.7), so only bodies
/// in 7bit must be searched. All have the same length: none is the prefix of another.
struct BoundarySource {
    private var random: SplitMix64
    private let plainBodies: [[UInt8]]

    /// `plainBodies` are the bodies that go out in 7bit.
    init(seed: UInt64, avoiding plainBodies: [[UInt8]]) {
        random = SplitMix64(seed: seed)
        self.plainBodies = plainBodies.filter { Self.contains($0, Array("=_".utf8)) }
    }

    mutating func next() -> String {
        while true {
            let digits = Self.digits(random.next()) + Self.digits(random.next())
            let boundary = [UInt8(ascii: "="), UInt8(ascii: "_")] + digits
            if !plainBodies.contains(where: { Self.contains($0, boundary) }) {
                return String(decoding: boundary, as: UTF8.self)
            }
        }
    }

    private static func digits(_ value: UInt64) -> [UInt8] {
        (0..<16).map { Hexadecimal.upper(UInt8(truncatingIfNeeded: value >> (4 * UInt64($0))) & 0xF) }
    }

    private static func contains(_ body: [UInt8], _ mark: [UInt8]) -> Bool {
        var index = 0
        while let found = body[index...].firstIndex(of: mark[0]) {
            if body[found...].starts(with: mark) { return true }
            index = found + 1
        }
        return false
    }
}
