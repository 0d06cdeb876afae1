/// An id in the shape of SES's, in 24 bytes: `0107`, the time in milliseconds as 12 hex digits, a UUID, and `-000000`.
struct MessageID: Hashable, Sendable {
    let milliseconds: Int64
    /// The UUID's two halves.
    let high: UInt64
    let low: UInt64

    init(milliseconds: Int64, high: UInt64, low: UInt64) {
        self.milliseconds = milliseconds
        self.high = high
        self.low = low
    }

    var text: String {
        var text: [UInt8] = []
        text.reserveCapacity(60)
        text.append(contentsOf: "0107".utf8)
        Self.append(UInt64(bitPattern: milliseconds), digits: 12, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(uuidOf: high, low, to: &text)
        text.append(contentsOf: "-000000".utf8)
        return String(decoding: text, as: UTF8.self)
    }

    /// A UUID's text for 128 bits that are random enough; version and variant are not set.
    static func uuid(high: UInt64, low: UInt64) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        append(uuidOf: high, low, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static let hex = Array("0123456789abcdef".utf8)

    private static func append(uuidOf high: UInt64, _ low: UInt64, to text: inout [UInt8]) {
        append(high >> 32, digits: 8, to: &text)
        text.append(UInt8(ascii: "-"))
        append(high >> 16, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(high, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(low >> 48, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(low, digits: 12, to: &text)
    }

    private static func append(_ value: UInt64, digits: Int, to text: inout [UInt8]) {
        for digit in stride(from: digits - 1, through: 0, by: -1) {
            text.append(hex[Int((value >> UInt64(digit * 4)) & 15)])
        }
    }
}
