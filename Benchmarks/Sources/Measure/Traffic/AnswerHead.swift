/// The head of an HTTP/1.1 answer, read with as little work as the load on a machine that is being measured may cost.
public struct AnswerHead: Sendable, Equatable {
    public var status: Int
    /// Bytes of the head and of the body behind it.
    public var length: Int

    private static let lengthField = Array("content-length:".utf8)

    /// Nil while the head is not complete, or where it does not say how long the body is.
    public init?(_ bytes: [UInt8]) {
        guard let end = Self.end(of: bytes), bytes.count > 12, bytes[8] == 0x20 else { return nil }
        guard let status = Self.number(bytes[9..<12]) else { return nil }
        guard let body = Self.bodyLength(bytes, before: end) else { return nil }
        self.status = status
        length = end + body
    }

    /// Behind the empty line.
    private static func end(of bytes: [UInt8]) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 0x0a, bytes[index - 1] == 0x0d, bytes[index - 2] == 0x0a { return index + 1 }
            index += 1
        }
        return nil
    }

    private static func bodyLength(_ bytes: [UInt8], before end: Int) -> Int? {
        var start = 0
        while start < end {
            guard let stop = bytes[start..<end].firstIndex(of: 0x0a) else { return nil }
            if stop - start > lengthField.count, isLengthField(bytes, start) {
                return number(bytes[(start + lengthField.count)..<stop])
            }
            start = stop + 1
        }
        return nil
    }

    private static func isLengthField(_ bytes: [UInt8], _ start: Int) -> Bool {
        for (offset, expected) in lengthField.enumerated() {
            let byte = bytes[start + offset]
            guard byte == expected || (0x41...0x5a).contains(byte) && byte + 0x20 == expected else { return false }
        }
        return true
    }

    /// Digits with spaces or line ends around them.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value: Int?
        for byte in bytes {
            switch byte {
            case 0x30...0x39: value = (value ?? 0) * 10 + Int(byte - 0x30)
            case 0x20, 0x09, 0x0d: continue
            default: return nil
            }
        }
        return value
    }
}
