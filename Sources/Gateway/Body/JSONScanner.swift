import FoundationEssentials
import Mail
import StrictCoding

/// Checks that bytes, which must be UTF-8, are a JSON text as RFC 8259 has it, within bounds that no request needs to exceed.
///
/// Foundation's decoder takes trailing commas and the first of two members with the same name; the second `to` of a
/// request would be lost mail. It also does not say where a text is malformed.
struct JSONScanner {
    private static let maximumDepth = 16
    private static let maximumCount = 1000

    private let bytes: [UInt8]
    private var position = 0
    private var path: [MemberName] = []

    /// - Throws: problem `invalid_json` with line and column, or `invalid_message` with a pointer.
    static func check(_ bytes: [UInt8]) throws(Problem) {
        var scanner = JSONScanner(bytes)
        scanner.skipSpace()
        try scanner.value()
        scanner.skipSpace()
        guard scanner.current == nil else { throw scanner.fault("something follows the JSON text") }
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func fault(_ message: String) -> Problem {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        // Bytes that continue a character are not counted.
        let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        return Problem(.invalidJSON, "line \(line), column \(column): \(message)")
    }

    private func refusal(_ detail: String) -> Problem {
        Problem.invalidMessage([ValidationFailure(pointer: DecodingFault.pointer(path), detail: detail)])
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value() throws(Problem) {
        switch current {
        case UInt8(ascii: "{"): try object()
        case UInt8(ascii: "["): try array()
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        case nil: throw fault("the text ends where a value is expected")
        case .some(let byte):
            guard byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) else {
                throw fault("a value is expected here")
            }
            try number()
        }
    }

    private mutating func object() throws(Problem) {
        var names: Set<String> = []
        try elements(until: UInt8(ascii: "}")) { (scanner: inout JSONScanner) throws(Problem) in
            guard scanner.current == UInt8(ascii: "\"") else { throw scanner.fault("a member's name is expected here") }
            let name = try scanner.name()
            scanner.path.append(MemberName(stringValue: name))
            guard names.insert(name).inserted else { throw scanner.refusal("is given twice") }
            scanner.skipSpace()
            guard scanner.current == UInt8(ascii: ":") else { throw scanner.fault("a colon is expected here") }
            scanner.position += 1
            scanner.skipSpace()
            try scanner.value()
            scanner.path.removeLast()
        }
    }

    private mutating func array() throws(Problem) {
        var index = 0
        try elements(until: UInt8(ascii: "]")) { (scanner: inout JSONScanner) throws(Problem) in
            scanner.path.append(MemberName(intValue: index))
            try scanner.value()
            scanner.path.removeLast()
            index += 1
        }
    }

    /// What stands between brackets, separated by commas.
    private mutating func elements(
        until close: UInt8,
        each: (inout JSONScanner) throws(Problem) -> Void
    ) throws(Problem) {
        guard path.count < Self.maximumDepth else { throw refusal("is nested too deeply") }
        position += 1
        skipSpace()
        if current == close {
            position += 1
            return
        }
        for _ in 0..<Self.maximumCount {
            try each(&self)
            skipSpace()
            switch current {
            case close:
                position += 1
                return
            case UInt8(ascii: ","):
                position += 1
                skipSpace()
            case nil: throw fault("the text ends inside an object or array")
            default: throw fault("a comma or \(Character(Unicode.Scalar(close))) is expected here")
            }
        }
        throw refusal("has more than \(Self.maximumCount) elements")
    }

    private mutating func literal(_ word: StaticString) throws(Problem) {
        let text = Array(word.description.utf8)
        guard bytes[position...].starts(with: text) else { throw fault("a value is expected here") }
        position += text.count
    }

    private mutating func number() throws(Problem) {
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if current == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(Problem) {
        let start = position
        while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw fault("a digit is expected here") }
    }

    private mutating func name() throws(Problem) -> String {
        let start = position
        let hasEscape = try string()
        guard hasEscape else { return String(decoding: bytes[(start + 1)..<(position - 1)], as: UTF8.self) }
        return (try? JSONDecoder().decode(String.self, from: Data(bytes[start..<position]))) ?? ""
    }

    /// Returns whether there is an escape in it.
    @discardableResult
    private mutating func string() throws(Problem) -> Bool {
        var hasEscape = false
        position += 1
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return hasEscape
            case UInt8(ascii: "\\"):
                hasEscape = true
                try escape()
            case 0..<0x20: throw fault("a control character must be written as an escape, such as \\n")
            default: position += 1
            }
        }
        throw fault("the text ends inside a string")
    }

    private mutating func escape() throws(Problem) {
        position += 1
        switch current {
        case UInt8(ascii: "u"): break
        case .some(let byte) where #""\/bfnrt"#.utf8.contains(byte):
            position += 1
            return
        default: throw fault("this is no escape of JSON")
        }
        position += 1
        let unit = try hexadecimal()
        switch unit {
        case 0xD800...0xDBFF:
            guard current == UInt8(ascii: "\\"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u")
            else { throw fault("half of a surrogate pair is missing") }
            position += 2
            guard (0xDC00...0xDFFF).contains(try hexadecimal()) else {
                throw fault("half of a surrogate pair is missing")
            }
        case 0xDC00...0xDFFF: throw fault("half of a surrogate pair is missing")
        default: return
        }
    }

    private mutating func hexadecimal() throws(Problem) -> Int {
        var value = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw fault("four hexadecimal digits are expected here")
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }
}
