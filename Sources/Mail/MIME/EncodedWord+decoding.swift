internal import FoundationEssentials

extension EncodedWord {
    /// The word that starts at `position`, decoded, and where it ends; nil when there is none that we can read
    /// (UTF-8, US-ASCII, ISO-8859-1; anything else stays as it is written).
    static func decode(_ bytes: [UInt8], at position: Int) -> (text: String, end: Int)? {
        guard position + 8 <= bytes.count, bytes[position] == UInt8(ascii: "="),
            bytes[position + 1] == UInt8(ascii: "?")
        else { return nil }
        var marks: [Int] = [position + 1]
        var index = position + 2
        // A word is at most 75 long; be liberal, but bounded.
        let limit = min(bytes.count, position + 1024)
        while index < limit, marks.count < 4 {
            let byte = bytes[index]
            guard byte > 0x20, byte < 0x7F else { return nil }
            if byte == UInt8(ascii: "?") { marks.append(index) }
            index += 1
        }
        guard marks.count == 4, index < bytes.count, bytes[index] == UInt8(ascii: "=") else { return nil }
        guard marks[2] == marks[1] + 2 else { return nil }
        let payload = bytes[(marks[2] + 1)..<marks[3]]
        let octets: [UInt8]?
        switch bytes[marks[1] + 1] {
        case UInt8(ascii: "Q"), UInt8(ascii: "q"): octets = decodeQ(payload)
        case UInt8(ascii: "B"), UInt8(ascii: "b"): octets = Data(base64Encoded: Data(payload)).map { [UInt8]($0) }
        default: octets = nil
        }
        // RFC 2231 allows a language after an asterisk.
        let charset = bytes[(marks[0] + 1)..<marks[1]].prefix { $0 != UInt8(ascii: "*") }
        guard let octets, let text = text(octets, charset: String(decoding: charset, as: UTF8.self).lowercased()) else {
            return nil
        }
        return (text, index + 1)
    }

    /// All encoded words of an unstructured header value, decoded; white space between two of them goes (RFC 2047,
    /// section 6.2).
    static func decodeAll(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        var index = 0
        var endOfWord: Int?
        while index < bytes.count {
            if let (text, end) = decode(bytes, at: index) {
                if let endOfWord { result.removeSubrange(endOfWord...) }
                result.append(contentsOf: text.utf8)
                endOfWord = result.count
                index = end
            } else {
                if !ASCII.isWhiteSpace(bytes[index]) { endOfWord = nil }
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func decodeQ(_ payload: ArraySlice<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var index = payload.startIndex
        while index < payload.endIndex {
            switch payload[index] {
            case UInt8(ascii: "_"):
                result.append(ASCII.space)
            case UInt8(ascii: "="):
                guard index + 2 < payload.endIndex, let high = Hexadecimal.value(payload[index + 1]),
                    let low = Hexadecimal.value(payload[index + 2])
                else { return nil }
                result.append(high << 4 | low)
                index += 2
            case let byte:
                result.append(byte)
            }
            index += 1
        }
        return result
    }

    private static func text(_ octets: [UInt8], charset: String) -> String? {
        switch charset {
        case "utf-8", "utf8": return String(validating: octets, as: UTF8.self)
        case "us-ascii", "ascii": return octets.allSatisfy { $0 < 0x80 } ? String(decoding: octets, as: UTF8.self) : nil
        case "iso-8859-1", "latin1":
            var view = String.UnicodeScalarView()
            for octet in octets { view.append(Unicode.Scalar(octet)) }
            return String(view)
        default: return nil
        }
    }
}
