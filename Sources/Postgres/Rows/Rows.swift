/// The result of one statement: its rows, and how many rows it affected. Immutable; may be read from any thread.
public struct Rows: Sendable {
    let result: ResultHandle
    /// How many rows the result has.
    public let count: Int

    init(_ result: ResultHandle) {
        self.result = result
        count = result.rowCount
    }

    /// How many rows the statement inserted, updated, deleted or selected; 0 where it does none of these.
    public var affected: Int { result.affectedRows ?? 0 }

    /// The names of the columns, from left to right.
    public var columnNames: [String] {
        (0..<result.columnCount).map(result.columnName)
    }
}

extension Rows: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(position: Int) -> Row {
        precondition(indices.contains(position), "there is no such row")
        return Row(result: result, index: position)
    }
}

extension Rows {
    /// Reads every row, column by column from the left.
    /// - Throws: ``PostgresError`` of code `.decoding` that names the first column that does not fit.
    public func decode<each Value: PostgresDecodable>(
        _ types: repeat (each Value).Type,
        file: String = #fileID,
        line: Int = #line
    ) throws -> [(repeat each Value)] {
        var values: [(repeat each Value)] = []
        values.reserveCapacity(count)
        for row in self {
            values.append(try row.decode(repeat each types, file: file, line: line))
        }
        return values
    }
}
