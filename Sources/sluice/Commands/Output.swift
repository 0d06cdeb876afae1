import Foundation

/// What commands print.
enum Output {
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Output.line(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Aligned columns with a heading.
    static func table(_ heading: [String], _ rows: [[String]]) {
        let widths = heading.indices.map { column in ([heading] + rows).map { $0[column].count }.max() ?? 0 }
        for row in [heading] + rows {
            let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            // What is indented stays so.
            let end = cells.lastIndex { !$0.allSatisfy(\.isWhitespace) } ?? 0
            let last = cells[end].replacing(#/\s+$/#, with: "")
            Output.line((cells[..<end] + [last]).joined(separator: "  "))
        }
    }

    /// One line on stderr, for what is not the answer.
    static func note(_ value: some CustomStringConvertible) {
        try? FileHandle.standardError.write(contentsOf: Data("\(value)\n".utf8))
    }

    /// One line on stdout, at once also into a pipe.
    static func line(_ value: some CustomStringConvertible) {
        try? FileHandle.standardOutput.write(contentsOf: Data("\(value)\n".utf8))
    }
}
