/// The checks of `RawMessage`, and what they find on the way.
struct RawMessageCheck {
    private let bytes: [UInt8]
    private let header: HeaderSection
    private(set) var reasons: [RawMessageError.Reason]
    private(set) var from: [EmailAddress] = []
    private(set) var sender: EmailAddress?
    private(set) var returnPath: EmailAddress?
    private(set) var subject: String?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        header = HeaderSection(bytes)
        reasons = header.reasons
    }

    mutating func run() {
        checkLines()
        if reasons.contains(where: { $0.code == .noHeader }) { return }
        checkNames()
        readFrom()
        sender = readAddress("sender")
        returnPath = readAddress("return-path")
        subject = fields("subject").first.map { Self.readable(EncodedWord.decodeAll(header.value(of: $0, in: bytes))) }
    }

    /// The message without its Bcc fields.
    func withoutBlindCopies() -> [UInt8] {
        let blind = header.fields.filter { $0.key == "bcc" || $0.key == "resent-bcc" }
        guard !blind.isEmpty else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        for field in blind {
            result.append(contentsOf: bytes[position..<field.range.lowerBound])
            position = field.range.upperBound
        }
        result.append(contentsOf: bytes[position...])
        return result
    }

    /// A subject to show: bounded, and without what an encoded word may smuggle in.
    private static func readable(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(DraftCheck.maximumSubject) {
            view.append(HeaderRules.isForbidden(scalar) ? " " : scalar)
        }
        return String(view)
    }

    private func fields(_ key: String) -> [HeaderSection.Field] {
        header.fields.filter { $0.key == key }
    }

    private mutating func refuse(_ code: RawMessageError.Code, _ message: String) {
        reasons.append(RawMessageError.Reason(code: code, message: message))
    }

    /// Over the whole message: NUL (RFC 5321, section 2.3.8) and the length of lines (section 4.5.3.1.6).
    private mutating func checkLines() {
        if let position = bytes.firstIndex(of: 0) {
            refuse(.bytes, "line \(lineNumber(of: position)) holds a NUL byte")
        }
        var position = 0
        while position < bytes.count {
            let end = bytes[position...].firstIndex(of: ASCII.lineFeed) ?? bytes.count
            let hasReturn = end > position && bytes[end - 1] == ASCII.carriageReturn
            if end - position - (hasReturn ? 1 : 0) > 998 {
                refuse(.lineTooLong, "line \(lineNumber(of: position)) is longer than 998 bytes")
                return
            }
            position = end + 1
        }
    }

    private func lineNumber(of position: Int) -> Int {
        bytes[..<position].count { $0 == ASCII.lineFeed } + 1
    }

    private mutating func checkNames() {
        var seen: Set<String> = []
        var reported: Set<String> = []
        for field in header.fields {
            if field.key.hasPrefix("x-ses-"), reported.insert("x-ses-").inserted {
                refuse(.reserved, "line \(field.line): X-SES-* headers steer Amazon SES and cannot be set by a message")
            }
            let isNew = seen.insert(field.key).inserted
            if !isNew, field.key != "from", HeaderRules.isSingle(field.key), reported.insert(field.key).inserted {
                refuse(.duplicate, "line \(field.line): a second \(field.name) header, which Amazon SES accepts once")
            }
        }
    }

    private mutating func readFrom() {
        let fields = fields("from")
        guard let field = fields.first else { return refuse(.from, "there is no From header") }
        guard fields.count == 1 else { return refuse(.from, "there are \(fields.count) From headers; one is needed") }
        // What is wrong with such bytes has been said.
        guard header.value(of: field, in: bytes).allSatisfy({ $0 < 0x80 && $0 != 0 }) else { return }
        do {
            from = try addresses(of: field)
            if from.isEmpty { refuse(.from, "the From header holds no address") }
        } catch {
            refuse(.from, "the From header holds an address that cannot be used: \(error.message)")
        }
    }

    private func addresses(of field: HeaderSection.Field) throws(AddressError) -> [EmailAddress] {
        var parser = AddressParser(header.value(of: field, in: bytes))
        return try parser.parseList()
    }

    private mutating func readAddress(_ key: String) -> EmailAddress? {
        guard let field = fields(key).first else { return nil }
        let value = header.value(of: field, in: bytes)
        // An empty return path is a path: that of a bounce.
        if key == "return-path", value == Array("<>".utf8) || value.isEmpty { return nil }
        guard value.allSatisfy({ $0 < 0x80 && $0 != 0 }) else { return nil }
        do {
            let list = try addresses(of: field)
            guard list.count == 1 else {
                refuse(.from, "the \(field.name) header holds \(list.count) addresses; one is needed")
                return nil
            }
            return list.first
        } catch {
            refuse(.from, "the \(field.name) header holds an address that cannot be used: \(error.message)")
            return nil
        }
    }
}
