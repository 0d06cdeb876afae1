/// The number of a data type in the server's catalogue (`pg_type.oid`). Those of built-in types never change.
public struct PostgresOID: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let bool = PostgresOID(rawValue: 16)
    public static let bytea = PostgresOID(rawValue: 17)
    public static let name = PostgresOID(rawValue: 19)
    public static let int8 = PostgresOID(rawValue: 20)
    public static let int2 = PostgresOID(rawValue: 21)
    public static let int4 = PostgresOID(rawValue: 23)
    public static let text = PostgresOID(rawValue: 25)
    public static let oid = PostgresOID(rawValue: 26)
    public static let json = PostgresOID(rawValue: 114)
    public static let jsonArray = PostgresOID(rawValue: 199)
    public static let float4 = PostgresOID(rawValue: 700)
    public static let float8 = PostgresOID(rawValue: 701)
    public static let unknown = PostgresOID(rawValue: 705)
    public static let boolArray = PostgresOID(rawValue: 1000)
    public static let byteaArray = PostgresOID(rawValue: 1001)
    public static let nameArray = PostgresOID(rawValue: 1003)
    public static let int2Array = PostgresOID(rawValue: 1005)
    public static let int4Array = PostgresOID(rawValue: 1007)
    public static let textArray = PostgresOID(rawValue: 1009)
    public static let varcharArray = PostgresOID(rawValue: 1015)
    public static let int8Array = PostgresOID(rawValue: 1016)
    public static let float4Array = PostgresOID(rawValue: 1021)
    public static let float8Array = PostgresOID(rawValue: 1022)
    public static let oidArray = PostgresOID(rawValue: 1028)
    public static let bpchar = PostgresOID(rawValue: 1042)
    public static let varchar = PostgresOID(rawValue: 1043)
    public static let timestamptz = PostgresOID(rawValue: 1184)
    public static let timestamptzArray = PostgresOID(rawValue: 1185)
    public static let interval = PostgresOID(rawValue: 1186)
    public static let intervalArray = PostgresOID(rawValue: 1187)
    public static let uuid = PostgresOID(rawValue: 2950)
    public static let uuidArray = PostgresOID(rawValue: 2951)
    public static let jsonb = PostgresOID(rawValue: 3802)
    public static let jsonbArray = PostgresOID(rawValue: 3807)

    /// Whether the type was made by the user (an enum, say) rather than built into the server.
    var isUserDefined: Bool { rawValue >= 16384 }
}

extension PostgresOID: CustomStringConvertible {
    /// The type's name where it is one of the above, else its number.
    public var description: String {
        Self.names[self] ?? "type \(rawValue)"
    }

    private static let names: [PostgresOID: String] = [
        .bool: "bool", .bytea: "bytea", .name: "name", .int8: "int8", .int2: "int2", .int4: "int4", .text: "text",
        .oid: "oid", .json: "json", .jsonArray: "json[]", .float4: "float4", .float8: "float8",
        .unknown: "unknown", .boolArray: "bool[]", .byteaArray: "bytea[]", .nameArray: "name[]",
        .int2Array: "int2[]", .int4Array: "int4[]", .textArray: "text[]", .varcharArray: "varchar[]",
        .int8Array: "int8[]", .float4Array: "float4[]", .float8Array: "float8[]", .oidArray: "oid[]",
        .bpchar: "char(n)", .varchar: "varchar", .timestamptz: "timestamptz", .timestamptzArray: "timestamptz[]",
        .interval: "interval", .intervalArray: "interval[]", .uuid: "uuid", .uuidArray: "uuid[]",
        .jsonb: "jsonb", .jsonbArray: "jsonb[]", PostgresOID(rawValue: 1700): "numeric",
        PostgresOID(rawValue: 1114): "timestamp", PostgresOID(rawValue: 1082): "date",
        PostgresOID(rawValue: 2278): "void",
    ]
}
