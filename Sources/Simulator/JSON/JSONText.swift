/// Writes JSON strings (RFC 8259 section 7).
enum JSONText {
    static func quoted(_ text: String?) -> String {
        guard let text else { return "null" }
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        quoted.reserveCapacity(text.utf8.count + 2)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                quoted.append(UInt8(ascii: "\\"))
                quoted.append(byte)
            case 0x00..<0x20:
                quoted.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
                quoted.append(contentsOf: String(byte, radix: 16).utf8)
            default: quoted.append(byte)
            }
        }
        quoted.append(UInt8(ascii: "\""))
        return String(decoding: quoted, as: UTF8.self)
    }

    static func quoted(_ texts: [String]) -> String {
        "[" + texts.map { quoted($0) }.joined(separator: ",") + "]"
    }
}
