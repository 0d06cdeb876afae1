/// A node of a MIME message's tree: a body that is encoded already, or a multipart of others.
indirect enum MIMEPart {
    case leaf(Leaf)
    case multipart(subtype: String, parameters: [(name: String, value: String)], parts: [MIMEPart])

    struct Leaf {
        var contentType: ContentType
        var encoding: TextEncoding.Name
        /// `attachment` or `inline`, with the file's name.
        var disposition: (type: String, filename: String)?
        var contentID: String?
        var body: [UInt8]
    }

    /// Bodies that a boundary must not occur in.
    var plainBodies: [[UInt8]] {
        switch self {
        case .leaf(let leaf): leaf.encoding == .sevenBit ? [leaf.body] : []
        case .multipart(_, _, let parts): parts.flatMap(\.plainBodies)
        }
    }

    /// About how many bytes the part takes.
    var estimatedSize: Int {
        switch self {
        case .leaf(let leaf): leaf.body.count + 512
        case .multipart(_, _, let parts): parts.reduce(512) { $0 + $1.estimatedSize }
        }
    }
}

extension MIMEPart {
    /// `text/plain` or `text/html`.
    static func text(_ mediaType: String, _ text: String) -> MIMEPart {
        let encoded = TextEncoding(text)
        let contentType = ContentType(mediaType, [("charset", "utf-8")])
        return .leaf(Leaf(contentType: contentType, encoding: encoded.name, body: encoded.bytes))
    }

    /// A file, in base64. A mail as a file (`message/rfc822`) may not be encoded (RFC 2046, section 5.2.1): it goes
    /// as it is where it is 7-bit text in CRLF lines, else as bytes without a meaning, so that they arrive unchanged.
    static func file(_ file: CheckedAttachment, inline: Bool) -> MIMEPart {
        var leaf = Leaf(contentType: file.contentType, encoding: .base64, contentID: file.contentID, body: [])
        leaf.disposition = (inline ? "inline" : "attachment", file.filename)
        if !file.contentType.mediaType.hasPrefix("message/") {
            leaf.body = WrappedBase64.encode(file.content)
        } else if isSevenBit(file.content) {
            leaf.encoding = .sevenBit
            leaf.body = file.content
        } else {
            leaf.contentType = .octets
            leaf.body = WrappedBase64.encode(file.content)
        }
        return .leaf(leaf)
    }

    private static func isSevenBit(_ bytes: [UInt8]) -> Bool {
        var lineStart = 0
        var previous: UInt8 = 0
        for (index, byte) in bytes.enumerated() {
            if byte == 0 || byte >= 0x80 { return false }
            if (byte == ASCII.lineFeed) != (previous == ASCII.carriageReturn) { return false }
            if byte == ASCII.lineFeed {
                if index - 1 - lineStart > 998 { return false }
                lineStart = index + 1
            }
            previous = byte
        }
        return previous != ASCII.carriageReturn && bytes.count - lineStart <= 998
    }
}
