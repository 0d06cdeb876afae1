import Coding
import Mail

/// Takes a JSON text apart in one pass (RFC 8259), within bounds that no request needs to exceed.
///
/// Foundation's decoder takes trailing commas and the first of two members with the same name; the second `to` of a
/// request would be lost mail. It also does not say where a text is malformed.
struct JSONParser {
    private static let maximumDepth = 16
    private static let maximumCount = 1000
    /// A value takes more room than its two bytes of text.
    private static let maximumValues = 500_000
    private static let fewMembers = 32
    private static let maximumNameBytes = 1024

    private let bytes: [UInt8]
    private var position = 0
    private var path: [Step] = []
    private(set) var nodes: [JSONNode] = []
    private(set) var repeated = RepeatedMembers()

    private enum Step {
        /// By its name's node.
        case member(Int)
        case element(Int)
    }

    /// - Throws: problem `invalid_json` with line and column, or `invalid_message` with a pointer.
    init(_ bytes: [UInt8]) throws(Problem) {
        self.bytes = bytes
        nodes.reserveCapacity(64)
        skipSpace()
        try value()
        skipSpace()
        guard current == nil else { throw fault("something follows the JSON text") }
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
        Problem.invalidMessage([ValidationFailure(pointer: pointer, detail: detail)])
    }

    private var pointer: String {
        let keys = path.map { step in
            switch step {
            case .member(let name): MemberName(stringValue: nodes[name].text(in: bytes))
            case .element(let index): MemberName(intValue: index)
            }
        }
        return DecodingFault.pointer(keys)
    }

    private mutating func add(_ kind: JSONNode.Kind, _ start: Int, _ end: Int) throws(Problem) {
        guard nodes.count < Self.maximumValues else { throw refusal("is the value too many") }
        let next = UInt32(nodes.count + 1)
        nodes.append(JSONNode(start: UInt32(start), end: UInt32(end), next: next, count: 0, kind: kind))
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value() throws(Problem) {
        let start = position
        switch current {
        case UInt8(ascii: "{"): try object()
        case UInt8(ascii: "["): try array()
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try literal("true", .yes)
        case UInt8(ascii: "f"): try literal("false", .no)
        case UInt8(ascii: "n"): try literal("null", .null)
        case nil: throw fault("the text ends where a value is expected")
        case .some(let byte):
            guard byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) else {
                throw fault("a value is expected here")
            }
            try number()
            try add(.number, start, position)
        }
    }

    private mutating func object() throws(Problem) {
        let this = nodes.count
        try add(.object, position, position)
        // Most objects are small, and looking at each name before costs less than a set of them. A set is also what takes two
        // names for the same that are written in other ways: with an escape, or composed and decomposed.
        var names: Set<String>?
        try elements(of: this, until: UInt8(ascii: "}")) { (parser: inout JSONParser, index) throws(Problem) in
            guard parser.current == UInt8(ascii: "\"") else { throw parser.fault("a member's name is expected here") }
            let name = parser.nodes.count
            try parser.string()
            guard parser.nodes[name].range.count <= Self.maximumNameBytes else {
                throw parser.refusal("has a member's name of more than \(Self.maximumNameBytes) bytes")
            }
            parser.path.append(.member(name))
            if names == nil, index == Self.fewMembers || !parser.isPlain(name) {
                names = parser.names(of: this, before: name)
            }
            let isNew = names?.insert(parser.nodes[name].text(in: parser.bytes)).inserted
            if !(isNew ?? !parser.isRepeated(name, in: this)) { parser.noteRepeated() }
            parser.skipSpace()
            guard parser.current == UInt8(ascii: ":") else { throw parser.fault("a colon is expected here") }
            parser.position += 1
            parser.skipSpace()
            try parser.value()
            parser.path.removeLast()
        }
    }

    private mutating func array() throws(Problem) {
        let this = nodes.count
        try add(.array, position, position)
        try elements(of: this, until: UInt8(ascii: "]")) { (parser: inout JSONParser, index) throws(Problem) in
            parser.path.append(.element(index))
            try parser.value()
            parser.path.removeLast()
        }
    }

    private func names(of object: Int, before name: Int) -> Set<String> {
        var names: Set<String> = []
        var other = object + 1
        while other < name {
            names.insert(nodes[other].text(in: bytes))
            other = Int(nodes[other + 1].next)
        }
        return names
    }

    /// Whether a member of the object has the same name, which is the last node.
    private func isRepeated(_ name: Int, in object: Int) -> Bool {
        var other = object + 1
        while other < name {
            if bytes[nodes[name].range].elementsEqual(bytes[nodes[other].range]) { return true }
            other = Int(nodes[other + 1].next)
        }
        return false
    }

    /// Whether no other sequence of bytes is the same name.
    private func isPlain(_ name: Int) -> Bool {
        nodes[name].kind == .string && bytes[nodes[name].range].allSatisfy { $0 < 0x80 }
    }

    private mutating func noteRepeated() {
        if path.count > 2, case .member(let first) = path[0], case .element(let index) = path[1],
            nodes[first].text(in: bytes) == "messages"
        {
            if repeated.inMessages[index] == nil { repeated.inMessages[index] = pointer }
        } else if repeated.outside == nil {
            repeated.outside = pointer
        }
    }

    /// What stands between brackets, separated by commas.
    private mutating func elements(
        of node: Int,
        until close: UInt8,
        each: (inout JSONParser, Int) throws(Problem) -> Void
    ) throws(Problem) {
        guard path.count < Self.maximumDepth else { throw refusal("is nested too deeply") }
        position += 1
        skipSpace()
        if current == close {
            end(node, count: 0)
            return
        }
        for index in 0..<Self.maximumCount {
            try each(&self, index)
            skipSpace()
            switch current {
            case close:
                end(node, count: index + 1)
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

    private mutating func end(_ node: Int, count: Int) {
        position += 1
        nodes[node].end = UInt32(position)
        nodes[node].next = UInt32(nodes.count)
        nodes[node].count = UInt16(count)
    }

    private mutating func literal(_ word: StaticString, _ kind: JSONNode.Kind) throws(Problem) {
        let text = Array(word.description.utf8)
        guard bytes[position...].starts(with: text) else { throw fault("a value is expected here") }
        position += text.count
        try add(kind, position - text.count, position)
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

    private mutating func string() throws(Problem) {
        var hasEscape = false
        position += 1
        let start = position
        while let index = bytes.firstJSONEscape(from: position) {
            position = index
            switch bytes[index] {
            case UInt8(ascii: "\""):
                try add(hasEscape ? .escaped : .string, start, position)
                position += 1
                return
            case UInt8(ascii: "\\"):
                hasEscape = true
                try escape()
            default: throw fault("a control character must be written as an escape, such as \\n")
            }
        }
        position = bytes.count
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
