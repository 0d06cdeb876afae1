import Yams

/// Reads YAML as what JSON it is (YAML 1.2, core schema), with the members in their order.
enum YAMLText {
    /// - Throws: what Yams says of a text that is no YAML.
    static func value(_ bytes: [UInt8]) throws -> JSONValue {
        guard let node = try compose(yaml: String(decoding: bytes, as: UTF8.self)) else { return .null }
        return value(node)
    }

    private static func value(_ node: Node) -> JSONValue {
        switch node {
        case .mapping(let mapping): .object(mapping.map { ($0.key.scalar?.string ?? "", value($0.value)) })
        case .sequence(let sequence): .array(sequence.map { value($0) })
        case .scalar(let scalar): value(scalar)
        // Fragments have none.
        case .alias: .null
        }
    }

    private static func value(_ scalar: Node.Scalar) -> JSONValue {
        let text = scalar.string
        guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
        switch text {
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        if let number = Int(text) { return .number(number) }
        if text.wholeMatch(of: #/-?[0-9]+\.[0-9]+/#) != nil, let number = Double(text) { return .decimal(number) }
        return .string(text)
    }
}
