import FoundationEssentials

/// Base64 as people send it: the standard alphabet with its padding (RFC 4648, section 4), wrapped into lines or not.
enum Base64Text {
    /// Nil for anything else.
    static func decode(_ text: String) -> [UInt8]? {
        if let data = Data(base64Encoded: text) { return Array(data) }
        let isSpace: (UInt8) -> Bool = { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }
        guard text.utf8.contains(where: isSpace) else { return nil }
        return Data(base64Encoded: Data(text.utf8.filter { !isSpace($0) })).map { Array($0) }
    }
}
