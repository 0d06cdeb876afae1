/// Text that is sent as `json`, which the server keeps character for character. The text must be JSON; the server
/// checks it.
public struct JSONText: Sendable, Hashable {
    public var text: String

    public init(_ text: String) {
        self.text = text
    }
}

extension JSONText: PostgresCodable {
    public static var postgresType: PostgresOID { .json }
    public static var postgresArrayType: PostgresOID { .jsonArray }

    public func encode(into buffer: inout [UInt8]) {
        buffer.append(contentsOf: text.utf8)
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        self.text = try bytes.json(of: type, as: Self.self)
    }
}

/// Text that is sent as `jsonb`, which the server parses: it loses the order of members, duplicates and white space.
public struct JSONBText: Sendable, Hashable {
    public var text: String

    public init(_ text: String) {
        self.text = text
    }
}

extension JSONBText: PostgresCodable {
    public static var postgresType: PostgresOID { .jsonb }
    public static var postgresArrayType: PostgresOID { .jsonbArray }

    public func encode(into buffer: inout [UInt8]) {
        buffer.append(jsonbVersion)
        buffer.append(contentsOf: text.utf8)
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        self.text = try bytes.json(of: type, as: Self.self)
    }
}

/// The byte in front of every `jsonb` value (`jsonb_send` in the server's jsonb.c).
private let jsonbVersion: UInt8 = 1

extension RawSpan {
    /// Reads either JSON type into text.
    fileprivate func json<Value: PostgresDecodable>(of type: PostgresOID, as _: Value.Type) throws -> String {
        switch type {
        case .json:
            return try String(utf8: self)
        case .jsonb:
            guard try bigEndian(as: UInt8.self) == jsonbVersion else {
                throw Value.unfit("its jsonb version is unknown")
            }
            return try String(utf8: extracting(1..<byteCount))
        default:
            throw Value.mismatch(type)
        }
    }
}
