import FoundationEssentials

/// Base64 as people send it: the standard alphabet with its padding (RFC 4648, section 4), wrapped into lines or not.
enum Base64Text {
    /// Nil for anything else.
    static func decode(_ text: String) -> [UInt8]? {
        if let data = Data(base64Encoded: text) { return text.utf8.count.isMultiple(of: 4) ? Array(data) : nil }
        let isSpace: (UInt8) -> Bool = { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }
        guard text.utf8.contains(where: isSpace) else { return nil }
        let plain = text.utf8.filter { !isSpace($0) }
        // Foundation overlooks padding behind a whole group.
        guard plain.count.isMultiple(of: 4) else { return nil }
        return Data(base64Encoded: Data(plain)).map { Array($0) }
    }
}
