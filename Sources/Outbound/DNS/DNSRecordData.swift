/// The data of a record, read as RFC 1035, section 3.3, writes it. It comes from strangers.
enum DNSRecordData {
    /// The longest text that is kept of one record; SPF and DMARC need a fraction.
    static let mostText = 4096

    /// Nil for what is malformed.
    static func text(_ data: [UInt8], kind: DNSQuestion.Kind) -> String? {
        switch kind {
        case .cname: return name(data[...])
        case .mx:
            guard data.count > 2, let host = name(data[2...]) else { return nil }
            return "\(UInt16(data[0]) << 8 | UInt16(data[1])) \(host)"
        case .txt: return joined(data)
        }
    }

    /// A name of labels without compression, which the library has undone. Bytes that no host name has are written as `?`.
    private static func name(_ data: ArraySlice<UInt8>) -> String? {
        var labels: [String] = []
        var rest = data
        while let length = rest.popFirst() {
            guard length > 0 else { return rest.isEmpty ? labels.joined(separator: ".") : nil }
            guard length < 64, rest.count > Int(length), labels.count < 128 else { return nil }
            labels.append(String(decoding: rest.prefix(Int(length)).map(hostByte), as: UTF8.self))
            rest = rest.dropFirst(Int(length))
        }
        return nil
    }

    private static func hostByte(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            byte
        default: UInt8(ascii: "?")
        }
    }

    /// The pieces of a text, joined without anything in between (RFC 7208, section 3.3); what is no printable ASCII as `?`.
    private static func joined(_ data: [UInt8]) -> String? {
        var text: [UInt8] = []
        var rest = data[...]
        while let length = rest.popFirst() {
            guard rest.count >= Int(length) else { return nil }
            text += rest.prefix(Int(length)).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
            rest = rest.dropFirst(Int(length))
        }
        return String(decoding: text.prefix(mostText), as: UTF8.self)
    }
}
