/// One row of a result.
public struct Row: Sendable {
    let result: ResultHandle
    let index: Int

    /// How many columns the row has.
    public var columnCount: Int { result.columnCount }

    /// Reads all columns from the left. The number of types must be the number of columns.
    /// - Throws: ``PostgresError`` of code `.decoding` that names the column that does not fit.
    public func decode<each Value: PostgresDecodable>(
        _ types: repeat (each Value).Type,
        file: String = #fileID,
        line: Int = #line
    ) throws -> (repeat each Value) {
        var expected = 0
        for _ in repeat each types { expected += 1 }
        guard expected == columnCount else {
            let message = "a row of \(columnCount) columns cannot be read as \(expected) values"
            throw PostgresError(.decoding, message, file: file, line: line)
        }
        var column = -1
        func next<Next: PostgresDecodable>(_ type: Next.Type) throws -> Next {
            column += 1
            return try value(at: column, as: type, file: file, line: line)
        }
        return (repeat try next(each types))
    }

    /// Reads the column of that name; the first, where several have it.
    public subscript<Value: PostgresDecodable>(
        name: String,
        as type: Value.Type = Value.self,
        file: String = #fileID,
        line: Int = #line
    ) -> Value {
        get throws {
            for column in 0..<columnCount where result.columnName(column) == name {
                return try value(at: column, as: type, file: file, line: line)
            }
            throw PostgresError(.decoding, "the result has no column named \(name)", file: file, line: line)
        }
    }

    /// Reads the column at that position, counted from 0.
    public subscript<Value: PostgresDecodable>(
        column: Int,
        as type: Value.Type = Value.self,
        file: String = #fileID,
        line: Int = #line
    ) -> Value {
        get throws {
            guard (0..<columnCount).contains(column) else {
                throw PostgresError(.decoding, "the result has no column \(column)", file: file, line: line)
            }
            return try value(at: column, as: type, file: file, line: line)
        }
    }

    private func value<Value: PostgresDecodable>(
        at column: Int,
        as type: Value.Type,
        file: String,
        line: Int
    ) throws -> Value {
        do {
            if result.isNull(row: index, column: column) {
                guard let null = Value.postgresNull else { throw Value.unfit("it is NULL") }
                return null
            }
            let columnType = result.columnType(column)
            return try result.withField(row: index, column: column) { bytes in
                try Value(postgres: bytes, type: columnType)
            }
        } catch var error as PostgresError {
            error.column = result.columnName(column)
            error.file = file
            error.line = line
            throw error
        }
    }
}
