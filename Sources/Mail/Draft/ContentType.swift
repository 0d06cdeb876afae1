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

    /// Nil when the text is no media type: `type/subtype` and `; name=value` or `; name="value"`, all ASCII, 255
    /// bytes at most.
    init?(parsing text: some StringProtocol) {
        guard text.utf8.count <= 255, text.utf8.allSatisfy(ASCII.isPrintable) else { return nil }
        var scanner = TokenScanner(Array(text.utf8))
        guard let type = scanner.token(), scanner.accept("/"), let subtype = scanner.token() else { return nil }
        var parameters: [(name: String, value: String)] = []
        while scanner.accept(";") {
            if scanner.isAtEnd { break }
            guard let name = scanner.token()?.lowercased(), scanner.accept("="), let value = scanner.value() else {
                return nil
            }
            guard !parameters.contains(where: { $0.name == name }) else { return nil }
            if name != "name" { parameters.append((name, value)) }
        }
        guard scanner.isAtEnd else { return nil }
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
