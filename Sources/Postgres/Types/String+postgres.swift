/// Sent as `text`. Read from the character types and from user-defined ones, whose binary form is text for enums.
extension String: PostgresCodable {
    public static var postgresType: PostgresOID { .text }
    public static var postgresArrayType: PostgresOID { .textArray }

    public func encode(into buffer: inout [UInt8]) throws {
        buffer.append(contentsOf: utf8)
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        switch type {
        case .text, .varchar, .bpchar, .name, .unknown: break
        default:
            guard type.isUserDefined else { throw Self.mismatch(type) }
        }
        self = try String(utf8: bytes)
    }

    /// Copies text; throws where it is not UTF-8.
    init(utf8 bytes: RawSpan) throws {
        // Safe: the pointer is used within the closure only.
        let text = unsafe bytes.withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
        guard let text else { throw Self.unfit("it is not UTF-8") }
        self = text
    }
}
