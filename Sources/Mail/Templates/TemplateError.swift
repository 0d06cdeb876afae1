/// Where a template is not one, and why.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1; the column counts characters.
    public let line: Int
    public let column: Int
    public let message: String

    public var description: String { "line \(line), column \(column): \(message)" }
}

/// Why a template cannot be filled with some data: everything that is missing of them, or wrong with them.
public struct TemplateDataError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Pointers lead into the data; an empty one is about the message that would come out.
    public let failures: [ValidationFailure]

    public var description: String { failures.map { "\($0.pointer): \($0.detail)" }.joined(separator: "; ") }
}
