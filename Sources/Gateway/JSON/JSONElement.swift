/// One value of a document, to be read as what it should be.
struct JSONElement: Sendable {
    let document: JSONDocument
    let index: Int

    private var node: JSONNode { document.nodes[index] }

    var kind: JSONNode.Kind { node.kind }

    /// Nil for null, which says the same as leaving a member out.
    var ifPresent: JSONElement? { node.kind == .null ? nil : self }

    var isString: Bool { node.kind == .string || node.kind == .escaped }
    var isArray: Bool { node.kind == .array }

    /// The text as it stands in the document.
    var verbatim: String {
        let range = isString ? node.range.lowerBound - 1..<node.range.upperBound + 1 : node.range
        return String(decoding: document.bytes[range], as: UTF8.self)
    }

    func string() throws(JSONFault) -> String {
        guard isString else { throw mismatch("a string") }
        return node.text(in: document.bytes)
    }

    func flag() throws(JSONFault) -> Bool {
        switch node.kind {
        case .yes: return true
        case .no: return false
        default: throw mismatch("true or false")
        }
    }

    func elements() throws(JSONFault) -> [JSONElement] {
        guard isArray else { throw mismatch("an array") }
        var elements: [JSONElement] = []
        elements.reserveCapacity(Int(node.count))
        var next = index + 1
        for _ in 0..<node.count {
            elements.append(JSONElement(document: document, index: next))
            next = Int(document.nodes[next].next)
        }
        return elements
    }

    func strings() throws(JSONFault) -> [String] {
        var strings: [String] = []
        for (index, element) in try elements().enumerated() {
            do throws(JSONFault) { strings.append(try element.string()) } catch { throw error.inside("\(index)") }
        }
        return strings
    }

    /// An object's members to `read`, in their order. What it throws is told with the member's name.
    func members(_ read: (_ name: String, _ value: JSONElement) throws(JSONFault) -> Void) throws(JSONFault) {
        guard node.kind == .object else { throw mismatch("an object") }
        var next = index + 1
        for _ in 0..<node.count {
            let name = document.nodes[next].text(in: document.bytes)
            do throws(JSONFault) {
                try read(name, JSONElement(document: document, index: next + 1))
            } catch {
                throw error.inside(name)
            }
            next = Int(document.nodes[next + 1].next)
        }
    }

    /// An object whose values are strings.
    func texts() throws(JSONFault) -> [String: String] {
        var texts: [String: String] = [:]
        try members { (name, value) throws(JSONFault) in texts[name] = try value.string() }
        return texts
    }

    private func mismatch(_ expected: String) -> JSONFault {
        JSONFault(node.kind == .null ? "must not be null" : "must be \(expected)")
    }
}
