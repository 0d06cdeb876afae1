/// The header block of a MIME message (RFC 5322), as far as SES needs it to find sender and recipients.
struct RawHeaders {
    /// In order; names as they were written.
    private(set) var fields: [(name: String, value: String)] = []

    init(_ message: some Collection<UInt8>) {
        var line: [UInt8] = []
        var isAtLineEnd = false
        for byte in message {
            if isAtLineEnd {
                isAtLineEnd = false
                if byte == 0x20 || byte == 0x09 {
                    line.append(byte)
                    continue
                }
                take(line)
                line.removeAll(keepingCapacity: true)
            }
            switch byte {
            case 0x0D: continue
            case 0x0A:
                if line.isEmpty { return }
                isAtLineEnd = true
            default: line.append(byte)
            }
        }
        take(line)
    }

    var hasFrom: Bool { fields.contains { $0.name.lowercased() == "from" } }

    /// The addresses in all To, Cc and Bcc fields.
    var recipients: [String] {
        fields.filter { ["to", "cc", "bcc"].contains($0.name.lowercased()) }.flatMap { Self.addresses(in: $0.value) }
    }

    private mutating func take(_ line: [UInt8]) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(decoding: line[..<colon], as: UTF8.self).filter { $0 != " " && $0 != "\t" }
        fields.append((name, String(decoding: line[(colon + 1)...], as: UTF8.self)))
    }

    /// Splits an address list at commas outside quotes, comments and angle brackets; groups are opened.
    static func addresses(in value: String) -> [String] {
        var found: [String] = []
        var current: [Unicode.Scalar] = []
        var isQuoted = false
        var isEscaped = false
        var comments = 0
        var isAngled = false
        func finish() {
            var text = String(String.UnicodeScalarView(current))
            while let first = text.first, first.isWhitespace { text.removeFirst() }
            while let last = text.last, last.isWhitespace { text.removeLast() }
            if !text.isEmpty { found.append(text) }
            current = []
        }
        for scalar in value.unicodeScalars {
            if isEscaped {
                isEscaped = false
                if comments == 0 { current.append(scalar) }
                continue
            }
            switch scalar {
            case "\\" where isQuoted || comments > 0:
                isEscaped = true
                if comments == 0 { current.append(scalar) }
            case "\"" where comments == 0:
                isQuoted.toggle()
                current.append(scalar)
            case "(" where !isQuoted: comments += 1
            case ")" where !isQuoted && comments > 0: comments -= 1
            case _ where comments > 0: continue
            case "<" where !isQuoted:
                isAngled = true
                current.append(scalar)
            case ">" where !isQuoted:
                isAngled = false
                current.append(scalar)
            case ",", ";":
                if isQuoted || isAngled { current.append(scalar) } else { finish() }
            case ":" where !isQuoted && !isAngled: current = []
            default: current.append(scalar)
            }
        }
        finish()
        return found
    }
}
