import Yams

/// A YAML (or JSON) mapping that is read member by member and refuses what nobody asked for.
struct StrictMapping {
    private let path: String
    private let code: SimulatorError.Code
    private var rest: [String: Node]
    private var known: [String] = []

    init(parsing text: String, code: SimulatorError.Code) throws(SimulatorError) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw SimulatorError(code, "the document is not YAML or JSON: \(error)", cause: error)
        }
        try self.init(node ?? Node([(Node, Node)]()), path: "", code: code)
    }

    init(_ node: Node, path: String, code: SimulatorError.Code) throws(SimulatorError) {
        self.path = path
        self.code = code
        rest = [:]
        guard let mapping = node.mapping else {
            throw SimulatorError(code, "\(path.isEmpty ? "the document" : path): expected a mapping")
        }
        for (key, value) in mapping {
            guard let name = key.string else { throw failure("a key", "is not a string") }
            guard rest.updateValue(value, forKey: name) == nil else { throw failure(name, "appears twice") }
        }
    }

    /// Nil where the member is absent or null, here and in the readers below.
    private mutating func take(_ name: String) -> Node? {
        known.append(name)
        guard let node = rest.removeValue(forKey: name), node.null == nil else { return nil }
        return node
    }

    mutating func string(_ name: String) throws(SimulatorError) -> String? {
        guard let node = take(name) else { return nil }
        guard let scalar = node.scalar else { throw failure(name, "expected a text or number") }
        return scalar.string
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(SimulatorError) -> Int? {
        guard let text = try string(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            let limit =
                range.upperBound == .max ? "from \(range.lowerBound) on" : "\(range.lowerBound) to \(range.upperBound)"
            throw failure(name, "\"\(text)\" is not a whole number \(limit)")
        }
        return value
    }

    mutating func number(_ name: String, in range: ClosedRange<Double>) throws(SimulatorError) -> Double? {
        guard let text = try string(name) else { return nil }
        guard let value = Double(text), range.contains(value) else {
            throw failure(name, "\"\(text)\" is not a number \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    mutating func boolean(_ name: String) throws(SimulatorError) -> Bool? {
        guard let text = try string(name) else { return nil }
        guard let value = Bool(text) else { throw failure(name, "\"\(text)\" is not true or false") }
        return value
    }

    mutating func duration(_ name: String) throws(SimulatorError) -> Duration? {
        guard let text = try string(name) else { return nil }
        guard let value = DurationText.parse(text) else {
            throw failure(name, "\"\(text)\" is not a duration such as 250ms, 10s or 5m")
        }
        return value
    }

    mutating func sequence(_ name: String) throws(SimulatorError) -> [Node]? {
        guard let node = take(name) else { return nil }
        guard let sequence = node.sequence else { throw failure(name, "expected a list") }
        return Array(sequence)
    }

    /// Throws where a member is left that was not asked for.
    func finish() throws(SimulatorError) {
        guard let unknown = rest.keys.sorted().first else { return }
        throw failure(unknown, "is unknown; known are \(known.joined(separator: ", "))")
    }

    func failure(_ name: String, _ reason: String) -> SimulatorError {
        SimulatorError(code, "\(path.isEmpty ? "" : path + ".")\(name): \(reason)")
    }
}
