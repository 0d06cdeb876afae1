/// A line of CSV (RFC 4180) that a spreadsheet may open: what others wrote in it becomes no formula.
enum CSVRow {
    static func text(_ cells: [String?]) -> String {
        cells.map { cell($0 ?? "") }.joined(separator: ",") + "\r\n"
    }

    /// What a spreadsheet would compute gets an apostrophe in front, which it takes for "this is text": at the start of a cell, and
    /// where one whose separator is no comma would begin another cell or line. To such a one quotes inside a line mean nothing.
    private static func cell(_ text: String) -> String {
        var safe = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        if isFormula(rest) || startsWithBreak(rest) { safe.append("'") }
        while let scalar = rest.popFirst() {
            safe.append(scalar)
            if isBreak(scalar), isFormula(rest) { safe.append("'") }
        }
        guard safe.contains(where: { $0 == "\"" || $0 == "," || isBreak($0) }) else { return String(safe) }
        return "\"" + String(safe).replacing("\"", with: "\"\"") + "\""
    }

    /// White space before a formula is skipped by some, and quotes are taken off.
    private static func isFormula(_ text: Substring.UnicodeScalarView) -> Bool {
        switch text.first(where: { $0 != " " && $0 != "\"" }) {
        // The last four are what programs for Chinese and Japanese take for the same.
        case "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}": true
        default: false
        }
    }

    private static func startsWithBreak(_ text: Substring.UnicodeScalarView) -> Bool {
        text.first { $0 != " " }.map { $0 != ";" && isBreak($0) } ?? false
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        scalar == ";" || scalar == "\t" || scalar == "\r" || scalar == "\n"
    }
}
