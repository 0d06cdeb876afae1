import Logging

/// Metadata as sorted pairs: a dictionary's keys join their parent's with a dot, dots in keys stay, the nearest source wins.
struct FlatMetadata {
    enum Value: Equatable {
        case text(String)
        case list([Value])
    }

    private(set) var pairs: [(key: String, value: Value)]

    /// - Parameters:
    ///   - base: the logger's own metadata.
    ///   - provided: what the metadata provider gives; wins over `base`.
    ///   - explicit: the log call's; wins over both.
    init(base: Logger.Metadata, provided: Logger.Metadata?, explicit: Logger.Metadata?) {
        var merged = base
        if let provided, !provided.isEmpty { merged.merge(provided) { $1 } }
        if let explicit, !explicit.isEmpty { merged.merge(explicit) { $1 } }
        guard merged.values.contains(where: Self.isNested) else {
            pairs = merged.sorted { $0.key < $1.key }.map { ($0.key, Self.simple($0.value)) }
            return
        }
        var flat: [String: Value] = [:]
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
            Self.flatten(value, key: key, into: &flat)
        }
        pairs = flat.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func isNested(_ value: Logger.MetadataValue) -> Bool {
        if case .dictionary = value { true } else { false }
    }

    private static func flatten(_ value: Logger.MetadataValue, key: String, into flat: inout [String: Value]) {
        switch value {
        case .dictionary(let members):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                flatten(member, key: "\(key).\(name)", into: &flat)
            }
        case .string, .stringConvertible, .array:
            flat[key] = simple(value)
        }
    }

    private static func simple(_ value: Logger.MetadataValue) -> Value {
        switch value {
        case .string(let text): .text(text)
        case .stringConvertible(let convertible): .text(convertible.description)
        case .array(let values): .list(values.map(simple))
        case .dictionary: .text(value.description)
        }
    }
}
