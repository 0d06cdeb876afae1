import Mail

/// A JSON text, taken apart. Immutable, and shared by all its elements.
final class JSONDocument: Sendable {
    let bytes: [UInt8]
    let nodes: [JSONNode]
    /// Whoever reads the document refuses them.
    let repeated: RepeatedMembers

    /// - Throws: problem `invalid_json`, or `invalid_message` for what is beyond the bounds of the parser.
    init(_ bytes: [UInt8]) throws(Problem) {
        guard !bytes.isEmpty else { throw Problem(.invalidJSON, "the body is empty") }
        // Other encodings have NUL bytes.
        guard !bytes.contains(0), (try? UTF8Span(validating: bytes.span)) != nil else {
            throw Problem(.invalidJSON, "the body is not UTF-8")
        }
        let parser = try JSONParser(bytes)
        self.bytes = bytes
        nodes = parser.nodes
        repeated = parser.repeated
    }

    var root: JSONElement { JSONElement(document: self, index: 0) }

    /// Refuses a text in which a member is given twice.
    func requireUnique() throws(Problem) {
        guard let pointer = repeated.any else { return }
        throw Problem.invalidMessage([ValidationFailure(pointer: pointer, detail: "is given twice")])
    }
}
