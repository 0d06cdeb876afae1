/// A pull reader over one JSON document (RFC 8259) in memory. It takes what the caller asks for and checks and skips the
/// rest without building it, because the simulator reads thousands of requests a second.
struct JSONReader {
    private static let maximumDepth = 128

    let bytes: [UInt8]
    private(set) var index = 0
    private var depth = 0

    /// Throws where the bytes are not UTF-8.
    init(_ bytes: [UInt8]) throws(ServiceFailure) {
        self.bytes = bytes
        guard Self.isUTF8(bytes) else { throw ServiceFailure.serialization("The body is not UTF-8") }
    }

    /// Reads an object; `member` must take the value of each name, or `skip` it.
    mutating func object(
        _ member: (String, inout JSONReader) throws(ServiceFailure) -> Void
    ) throws(ServiceFailure) {
        try open(UInt8(ascii: "{"))
        if consume(UInt8(ascii: "}")) { return close() }
        repeat {
            let name = try string()
            guard consume(UInt8(ascii: ":")) else { throw unexpected() }
            try member(name, &self)
        } while consume(UInt8(ascii: ","))
        guard consume(UInt8(ascii: "}")) else { throw unexpected() }
        close()
    }

    /// Reads an array; `element` must take each value, or `skip` it.
    mutating func array(_ element: (inout JSONReader) throws(ServiceFailure) -> Void) throws(ServiceFailure) {
        try open(UInt8(ascii: "["))
        if consume(UInt8(ascii: "]")) { return close() }
        repeat { try element(&self) } while consume(UInt8(ascii: ","))
        guard consume(UInt8(ascii: "]")) else { throw unexpected() }
        close()
    }

    /// Takes a `null`, if that is next.
    mutating func null() throws(ServiceFailure) -> Bool {
        guard next() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    /// Reads a string and resolves its escapes.
    mutating func string() throws(ServiceFailure) -> String {
        let (content, isPlain) = try stringContent()
        return isPlain ? String(decoding: bytes[content], as: UTF8.self) : try unescape(content)
    }

    /// Checks a string without building it; answers where its content lies, still escaped.
    mutating func stringRange() throws(ServiceFailure) -> Range<Int> {
        try stringContent().content
    }

    /// Checks any value and answers where it lies.
    @discardableResult
    mutating func skip() throws(ServiceFailure) -> Range<Int> {
        guard let first = next() else { throw unexpected() }
        let start = index
        switch first {
        case UInt8(ascii: "{"): try object { (_, reader) throws(ServiceFailure) in try reader.skip() }
        case UInt8(ascii: "["): try array { (reader) throws(ServiceFailure) in try reader.skip() }
        case UInt8(ascii: "\""): _ = try stringContent()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: try number()
        }
        return start..<index
    }

    /// Throws unless only white space is left.
    mutating func end() throws(ServiceFailure) {
        guard next() == nil else { throw unexpected() }
    }

    /// A string is next.
    mutating func isString() -> Bool { next() == UInt8(ascii: "\"") }

    func unexpected() -> ServiceFailure {
        .serialization("Unexpected JSON at byte \(index)")
    }

    private mutating func open(_ bracket: UInt8) throws(ServiceFailure) {
        guard depth < Self.maximumDepth, consume(bracket) else { throw unexpected() }
        depth += 1
    }

    private mutating func close() {
        depth -= 1
    }

    /// The next byte that is not white space, without taking it.
    private mutating func next() -> UInt8? {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return bytes[index]
            }
        }
        return nil
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        index += 1
        return true
    }

    private mutating func literal(_ text: StaticString) throws(ServiceFailure) {
        let expected = Array(text.description.utf8)
        guard bytes[index...].starts(with: expected) else { throw unexpected() }
        index += expected.count
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private mutating func number() throws(ServiceFailure) {
        take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { take(UInt8(ascii: "-")) }
            try digits()
        }
    }

    @discardableResult
    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func digits() throws(ServiceFailure) {
        let start = index
        while index < bytes.count, bytes[index] >= UInt8(ascii: "0"), bytes[index] <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw unexpected() }
    }

    /// Takes a string; `isPlain` where it has no escapes.
    private mutating func stringContent() throws(ServiceFailure) -> (content: Range<Int>, isPlain: Bool) {
        guard consume(UInt8(ascii: "\"")) else { throw unexpected() }
        let start = index
        var isPlain = true
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                return (start..<(index - 1), isPlain)
            }
            guard byte >= 0x20 else { throw unexpected() }
            index += 1
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                try escape()
            }
        }
        throw unexpected()
    }

    /// Takes what follows a backslash.
    private mutating func escape() throws(ServiceFailure) {
        guard index < bytes.count else { throw unexpected() }
        switch bytes[index] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 1
        case UInt8(ascii: "u"):
            let digits = (index + 1)..<(index + 5)
            guard digits.upperBound <= bytes.count,
                bytes[digits].allSatisfy({ Self.hexadecimalDigit($0) != nil })
            else { throw unexpected() }
            index = digits.upperBound
        default:
            throw unexpected()
        }
    }
}
