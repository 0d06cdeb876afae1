/// Percent-encoding as AWS signs it: `A-Z a-z 0-9 - . _ ~` stand for themselves (RFC 3986 section 2.3), everything else is
/// `%` and two upper-case digits.
public enum PercentCoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// `bytes` with all but unreserved characters encoded.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.append(byte)
            default:
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xf)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The UTF-8 of `text`, encoded.
    public static func encode(_ text: String) -> String {
        encode(text.utf8)
    }

    /// The bytes that `text` stands for; a `%` without two hexadecimal digits stands for itself.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8] {
        let text = Array(text)
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
                let byte = Hex.decode(String(decoding: text[(index + 1)...(index + 2)], as: UTF8.self))
            {
                bytes += byte
                index += 3
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return bytes
    }
}
