/// The header section of a message as it stands in its bytes (RFC 5322, section 2.2): the fields and where they are.
struct HeaderSection {
    struct Field {
        /// As written.
        let name: String
        /// The name in lower case.
        let key: String
        /// The lines of the field, line ends included.
        let range: Range<Int>
        /// Where the value starts: behind the colon.
        let valueStart: Int
        /// The number of its first line, from 1.
        let line: Int
    }

    private(set) var fields: [Field] = []
    private(set) var reasons: [RawMessageError.Reason] = []

    /// Reads to the first empty line, or to the end: a message without a body is one.
    init(_ bytes: [UInt8]) {
        guard let first = bytes.first, first != ASCII.lineFeed, first != ASCII.carriageReturn else {
            refuse(
                .noHeader,
                bytes.isEmpty
                    ? "the message is empty" : "the message starts with an empty line: it has no header section"
            )
            return
        }
        if bytes.starts(with: "From ".utf8) {
            refuse(.noHeader, "the message starts with the \"From \" line of a mailbox file, which is no header field")
            return
        }
        var position = 0
        var line = 1
        while position < bytes.count, reasons.count < 20 {
            let end = bytes[position...].firstIndex(of: ASCII.lineFeed).map { $0 + 1 } ?? bytes.count
            let content = Self.content(bytes, position..<end)
            if content.isEmpty { return }
            check(bytes[content], line: line)
            if ASCII.isWhiteSpace(bytes[position]) {
                addContinuation(bytes, content, end: end, line: line)
            } else {
                addField(bytes, content, end: end, line: line)
            }
            position = end
            line += 1
        }
    }

    /// The field's value on one line, without the white space around it.
    func value(of field: Field, in bytes: [UInt8]) -> [UInt8] {
        var value: [UInt8] = []
        for byte in bytes[field.valueStart..<field.range.upperBound] {
            if byte != ASCII.carriageReturn && byte != ASCII.lineFeed { value.append(byte) }
        }
        while let last = value.last, ASCII.isWhiteSpace(last) { value.removeLast() }
        return Array(value.drop(while: ASCII.isWhiteSpace))
    }

    private mutating func refuse(_ code: RawMessageError.Code, _ message: String) {
        reasons.append(RawMessageError.Reason(code: code, message: message))
    }

    /// A line without its line end.
    private static func content(_ bytes: [UInt8], _ line: Range<Int>) -> Range<Int> {
        var end = line.upperBound
        guard end > line.lowerBound, bytes[end - 1] == ASCII.lineFeed else { return line }
        end -= 1
        if end > line.lowerBound, bytes[end - 1] == ASCII.carriageReturn { end -= 1 }
        return line.lowerBound..<end
    }

    private mutating func check(_ content: ArraySlice<UInt8>, line: Int) {
        if content.contains(where: { $0 >= 0x80 }) {
            refuse(
                .bytes,
                "line \(line) of the header section is not ASCII; non-ASCII text needs encoded words (RFC 2047), because "
                    + "Amazon SES has no SMTPUTF8"
            )
        }
        if content.contains(where: { ($0 < 0x20 && $0 != ASCII.tab && $0 != 0) || $0 == 0x7F }) {
            refuse(.bytes, "line \(line) of the header section holds a control character or a bare CR")
        }
    }

    /// A line of white space only ends the header section for some software and not for other.
    private mutating func addContinuation(_ bytes: [UInt8], _ content: Range<Int>, end: Int, line: Int) {
        if bytes[content].allSatisfy(ASCII.isWhiteSpace) {
            return refuse(.malformed, "line \(line) of the header section holds only white space")
        }
        guard let last = fields.popLast() else {
            if line == 1 { refuse(.noHeader, "the message starts with white space: it has no header section") }
            return
        }
        fields.append(
            Field(
                name: last.name,
                key: last.key,
                range: last.range.lowerBound..<end,
                valueStart: last.valueStart,
                line: last.line
            )
        )
    }

    private mutating func addField(_ bytes: [UInt8], _ content: Range<Int>, end: Int, line: Int) {
        let name = bytes[content].prefix { ASCII.isHeaderName($0) }
        guard !name.isEmpty, name.endIndex < content.upperBound, bytes[name.endIndex] == UInt8(ascii: ":") else {
            if line == 1 {
                return refuse(.noHeader, "the first line is no header field: the message has no header section")
            }
            return refuse(
                .malformed,
                "line \(line) is neither a header field nor the empty line that ends the header section"
            )
        }
        let text = String(decoding: name, as: UTF8.self)
        fields.append(
            Field(
                name: text,
                key: text.lowercased(),
                range: content.lowerBound..<end,
                valueStart: name.endIndex + 1,
                line: line
            )
        )
    }
}
