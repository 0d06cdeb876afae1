import Coding

/// Writes JSON strings (RFC 8259 section 7).
enum JSONText {
    static func quoted(_ text: String?) -> String {
        guard let text else { return "null" }
        var quoted: [UInt8] = []
        quoted.appendJSON(text)
        return String(decoding: quoted, as: UTF8.self)
    }

    static func quoted(_ texts: [String]) -> String {
        "[" + texts.map { quoted($0) }.joined(separator: ",") + "]"
    }
}
