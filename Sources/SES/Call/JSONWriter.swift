/// Writes JSON straight into bytes (RFC 8259).
struct JSONWriter {
    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private(set) var bytes: [UInt8] = []
    /// Whether a comma is due before the next member or element.
    private var needsComma = false

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// `"name":`, then what `value` writes.
    mutating func member(_ name: StaticString, _ value: (inout JSONWriter) -> Void) {
        comma()
        text(name.description)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        value(&self)
        needsComma = true
    }

    mutating func member(_ name: StaticString, _ value: String) {
        member(name) { $0.text(value) }
    }

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        nested("{", "}", members)
    }

    mutating func array<Element>(_ elements: [Element], _ element: (inout JSONWriter, Element) -> Void) {
        nested("[", "]") { writer in
            for value in elements {
                writer.comma()
                writer.needsComma = false
                element(&writer, value)
                writer.needsComma = true
            }
        }
    }

    /// A string. What needs no escape, which is nearly all of a body, is copied in one piece.
    mutating func text(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let source = text.utf8
        var start = source.startIndex
        while let index = source[start...].firstIndex(where: Self.needsEscape) {
            bytes.append(contentsOf: source[start..<index])
            escape(source[index])
            start = source.index(after: index)
        }
        bytes.append(contentsOf: source[start...])
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0..<0x20:
            bytes += Array("u00".utf8) + [Self.hexadecimal[Int(byte >> 4)], Self.hexadecimal[Int(byte & 0xf)]]
        default: bytes.append(byte)
        }
    }

    /// A string of characters that need no escape, such as Base64.
    mutating func plainText(_ text: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func nested(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ content: (inout JSONWriter) -> Void)
    {
        bytes.append(UInt8(ascii: open))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
}
