/// Writes a MIME message (RFC 2045, 2046) into one buffer. Lines end in CRLF.
struct MIMEWriter {
    private var writer: HeaderWriter
    private var boundaries: BoundarySource

    /// `boundarySeed` alone decides what the boundaries look like.
    private init(_ part: MIMEPart, headerSize: Int, boundarySeed: UInt64) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerSize + part.estimatedSize)
        writer = HeaderWriter(into: bytes)
        boundaries = BoundarySource(seed: boundarySeed, avoiding: part.plainBodies)
    }

    /// The whole message: the fields that `header` writes, then the part's own, then its body.
    static func message(
        _ part: MIMEPart,
        boundarySeed: UInt64,
        header: (inout HeaderWriter) -> Void
    ) -> [UInt8] {
        var message = MIMEWriter(part, headerSize: 4096, boundarySeed: boundarySeed)
        header(&message.writer)
        message.write(part)
        if case .leaf = part { message.writer.endLine() }
        return message.writer.bytes
    }

    private mutating func write(_ part: MIMEPart) {
        switch part {
        case .leaf(let leaf): write(leaf)
        case .multipart(let subtype, let parameters, let parts): write(subtype, parameters, parts)
        }
    }

    private mutating func write(_ leaf: MIMEPart.Leaf) {
        writer.begin("Content-Type")
        writer.piece(leaf.contentType.mediaType.utf8)
        for (name, value) in leaf.contentType.parameters { writer.parameter(name, value) }
        // RFC 2231 names cannot be told twice in one field: a plain `filename` beside `filename*` is a duplicate to
        // strict parsers, and the last one wins in others. `name` is where old readers look next.
        if let filename = leaf.disposition?.filename { writer.parameter("name", HeaderWriter.asciiFallback(filename)) }
        writer.end()
        writer.field("Content-Transfer-Encoding", leaf.encoding.rawValue)
        if let (type, filename) = leaf.disposition {
            writer.begin("Content-Disposition")
            writer.piece(type.utf8)
            writer.parameter("filename", filename)
            writer.end()
        }
        if let contentID = leaf.contentID { writer.field("Content-ID", "<\(contentID)>") }
        writer.end()
        writer.body(leaf.body)
    }

    private mutating func write(_ subtype: String, _ parameters: [(name: String, value: String)], _ parts: [MIMEPart]) {
        let boundary = boundaries.next()
        writer.begin("Content-Type")
        writer.piece("multipart/\(subtype)".utf8)
        for (name, value) in parameters { writer.parameter(name, value) }
        writer.parameter("boundary", boundary)
        writer.end()
        writer.end()
        for (index, part) in parts.enumerated() {
            writer.body((index == 0 ? "--" : "\r\n--").utf8)
            writer.body(boundary.utf8)
            writer.body("\r\n".utf8)
            write(part)
        }
        writer.body("\r\n--".utf8)
        writer.body(boundary.utf8)
        writer.body("--\r\n".utf8)
    }
}

extension HeaderWriter {
    /// Ends the last line unless it has ended.
    mutating func endLine() {
        if bytes.last != ASCII.lineFeed { body("\r\n".utf8) }
    }
}
