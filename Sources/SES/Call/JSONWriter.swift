import Coding

/// Writes JSON straight into bytes (RFC 8259).
struct JSONWriter {
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

    mutating func text(_ text: String) {
        bytes.appendJSON(text)
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
