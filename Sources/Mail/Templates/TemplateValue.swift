/// A value that a template is filled with: one of JSON's. Objects have no order; `{{#each}}` takes them by name.
public enum TemplateValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case decimal(Double)
    case text(String)
    case list([TemplateValue])
    case object([String: TemplateValue])

    /// An object with the members of `other` in place of its own of the same name; anything else is `other`.
    public func overlaid(by other: TemplateValue) -> TemplateValue {
        guard case .object(let mine) = self, case .object(let theirs) = other else { return other }
        return .object(mine.merging(theirs) { $1 })
    }

    /// Bytes that it takes as JSON, at least.
    public var size: Int {
        switch self {
        case .null, .bool: 4
        case .integer, .decimal: 1
        case .text(let value): value.utf8.count + 2
        case .list(let values): values.reduce(2) { $0 + $1.size + 1 }
        case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + 4 + $1.value.size }
        }
    }

    /// What `{{#if}}` goes by, as in JavaScript; an empty list counts as nothing, too.
    var isTrue: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .decimal(let value): value != 0
        case .text(let value): !value.isEmpty
        case .list(let values): !values.isEmpty
        case .object: true
        }
    }

    /// The text that stands for it in a message; nil for lists and objects.
    var printed: String? {
        switch self {
        case .null: ""
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .decimal(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
        case .text(let value): value
        case .list, .object: nil
        }
    }
}

extension TemplateValue: Codable {
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        // In the order of what data are mostly made of.
        if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let object = try? value.decode([String: TemplateValue].self) {
            self = .object(object)
        } else if let list = try? value.decode([TemplateValue].self) {
            self = .list(list)
        } else if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else {
            self = .decimal(try value.decode(Double.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .decimal(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}
