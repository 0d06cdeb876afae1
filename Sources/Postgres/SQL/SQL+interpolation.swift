extension SQL: ExpressibleByStringInterpolation {
    public init(stringLiteral text: String) {
        self.init(raw: text)
    }

    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql = SQL()

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) {
            sql.append(raw: literal)
        }

        /// A value to bind.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
            sql.bind(value)
        }

        /// A value to bind, or NULL. (Said apart from the above, because the compiler warns of optionals otherwise.)
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            sql.bind(value)
        }

        /// Another statement, or a part of one, with its values.
        public mutating func appendInterpolation(_ other: SQL) {
            sql.append(other)
        }

        /// Text that becomes part of the statement as it is. Only for text that is written in the program.
        public mutating func appendInterpolation(raw text: String) {
            sql.append(raw: text)
        }

        /// The name of a table, column or channel, quoted.
        public mutating func appendInterpolation(identifier name: String) {
            let parts = name.split(separator: "\"", omittingEmptySubsequences: false)
            sql.append(raw: "\"" + parts.joined(separator: "\"\"") + "\"")
        }
    }
}
