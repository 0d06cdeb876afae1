/// Message ids in the shape of SES's: `0107` and the time in milliseconds as 12 hex digits, a UUID, and `-000000`.
///
/// Unique within a run because the last 64 bits are a bijection of a counter; `salt` keeps runs apart.
struct MessageIDs {
    private let salt: UInt64
    private var counter: UInt64 = 0

    init(salt: UInt64) {
        self.salt = salt
    }

    mutating func next(milliseconds: Int64) -> String {
        counter &+= 1
        let high = SplitMix64.mix(salt &+ counter)
        let low = SplitMix64.mix(counter ^ (salt << 1 | 1))
        var text: [UInt8] = []
        text.reserveCapacity(60)
        text.append(contentsOf: "0107".utf8)
        Self.append(UInt64(bitPattern: milliseconds), digits: 12, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(high >> 32, digits: 8, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(high >> 16, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(high, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(low >> 48, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(low, digits: 12, to: &text)
        text.append(contentsOf: "-000000".utf8)
        return String(decoding: text, as: UTF8.self)
    }

    private static let hex = Array("0123456789abcdef".utf8)

    private static func append(_ value: UInt64, digits: Int, to text: inout [UInt8]) {
        for digit in stride(from: digits - 1, through: 0, by: -1) {
            text.append(hex[Int((value >> UInt64(digit * 4)) & 15)])
        }
    }
}
