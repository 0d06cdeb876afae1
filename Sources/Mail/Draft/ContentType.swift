/// A media type with parameters (RFC 2045, section 5.1), parsed and written again in one form.
struct ContentType: Hashable, Sendable {
    /// `text/plain`, in lower case.
    let mediaType: String
    /// Names in lower case, in the order given, without `name` (the file name says that).
    let parameters: [(name: String, value: String)]

    init(_ mediaType: String, _ parameters: [(name: String, value: String)] = []) {
        self.mediaType = mediaType
        self.parameters = parameters
    }

    /// Nil when the text is no media type: `type/subtype` and `; name=value` or `; name="value"`, all ASCII, 255 bytes at most.
    init?(parsing text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 255, bytes.allSatisfy(ASCII.isPrintable) else { return nil }
        var position = 0
        func skipSpace() {
            while position < bytes.count, bytes[position] == ASCII.space { position += 1 }
        }
        func token() -> String? {
            let start = position
            while position < bytes.count, ASCII.isToken(bytes[position]) { position += 1 }
            return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
        }
        func accept(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }
        func quoted() -> String? {
            var value: [UInt8] = []
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: value, as: UTF8.self) }
                if byte == UInt8(ascii: "\\") {
                    guard position < bytes.count else { return nil }
                    value.append(bytes[position])
                    position += 1
                } else {
                    value.append(byte)
                }
            }
            return nil
        }
        skipSpace()
        guard let type = token(), accept(UInt8(ascii: "/")), let subtype = token() else { return nil }
        var parameters: [(name: String, value: String)] = []
        skipSpace()
        while accept(UInt8(ascii: ";")) {
            skipSpace()
            if position == bytes.count { break }
            guard let name = token()?.lowercased(), accept(UInt8(ascii: "=")) else { return nil }
            guard let value = accept(UInt8(ascii: "\"")) ? quoted() : token() else { return nil }
            guard !parameters.contains(where: { $0.name == name }) else { return nil }
            if name != "name" { parameters.append((name, value)) }
            skipSpace()
        }
        guard position == bytes.count else { return nil }
        self.init("\(type)/\(subtype)".lowercased(), parameters)
    }

    static func == (left: ContentType, right: ContentType) -> Bool {
        left.mediaType == right.mediaType && left.parameters.elementsEqual(right.parameters) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(mediaType)
    }
}

extension ContentType {
    static let octets = ContentType("application/octet-stream")

    /// What a file of that name most likely is.
    static func guess(filename: some StringProtocol) -> ContentType {
        guard let dot = filename.lastIndex(of: ".") else { return .octets }
        return byExtension[filename[filename.index(after: dot)...].lowercased()].map { ContentType($0) } ?? .octets
    }

    private static let byExtension: [String: String] = [
        "avif": "image/avif", "bmp": "image/bmp", "csv": "text/csv", "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "eml": "message/rfc822",
        "gif": "image/gif", "gz": "application/gzip", "htm": "text/html", "html": "text/html", "ics": "text/calendar",
        "jpeg": "image/jpeg", "jpg": "image/jpeg", "json": "application/json", "mp3": "audio/mpeg", "mp4": "video/mp4",
        "odt": "application/vnd.oasis.opendocument.text", "pdf": "application/pdf", "png": "image/png",
        "ppt": "application/vnd.ms-powerpoint",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", "rtf": "application/rtf",
        "svg": "image/svg+xml", "txt": "text/plain", "vcf": "text/vcard", "webp": "image/webp",
        "xls": "application/vnd.ms-excel",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xml": "application/xml",
        "zip": "application/zip",
    ]
}
