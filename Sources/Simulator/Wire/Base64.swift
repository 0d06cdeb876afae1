import FoundationEssentials

/// Base64 (RFC 4648 section 4) as it lies in JSON, where a slash may be escaped.
enum Base64 {
    static let failure = ServiceFailure.serialization("Raw.Data is not base64")

    /// Whether the content is padded base64, without decoding it.
    static func isValid(_ content: ArraySlice<UInt8>) -> Bool {
        var digits = 0
        var padding = 0
        for byte in content {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                guard padding == 0 else { return false }
                digits += 1
            case UInt8(ascii: "="): padding += 1
            case UInt8(ascii: "\\"): continue
            default: return false
            }
        }
        return padding <= 2 && (digits + padding) % 4 == 0 && (padding == 0 || digits > 0)
    }

    /// The bytes, nil where the content is not base64.
    static func decode(_ content: ArraySlice<UInt8>) -> Data? {
        let plain = content.contains(UInt8(ascii: "\\")) ? content.filter { $0 != UInt8(ascii: "\\") }[...] : content
        return Data(base64Encoded: Data(plain))
    }
}
