/// Looking into a value, for documents that were made here.
extension JSONValue {
    /// An object's member.
    subscript(name: String) -> JSONValue? { members.first { $0.0 == name }?.1 }

    /// An object's members; none for what is no object.
    var members: [(String, JSONValue)] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// An array's elements; none for what is no array.
    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    var asString: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var isTrue: Bool {
        guard case .bool(true) = self else { return false }
        return true
    }

    /// The text on several lines, two spaces deeper for each level.
    func indented(_ depth: Int = 0) -> String {
        let inner = String(repeating: "  ", count: depth + 1)
        let outer = String(repeating: "  ", count: depth)
        switch self {
        case .array(let values) where !values.isEmpty:
            let lines = values.map { inner + $0.indented(depth + 1) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(outer)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { inner + JSONValue.string($0.0).text + ": " + $0.1.indented(depth + 1) }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
        default:
            return text
        }
    }
}
