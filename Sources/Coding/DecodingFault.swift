/// A decoding error in terms that its author can act on: where in the document, and what is wrong.
public struct DecodingFault: Error, Equatable, Sendable {
    /// A JSON Pointer (RFC 6901) to the member, "" for the whole document.
    public let pointer: String
    public let detail: String
    /// The document is not well-formed at all, so that the pointer says nothing.
    public let isSyntax: Bool

    public init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(context.codingPath + [key], "is required")
        case .valueNotFound(_, let context):
            self.init(context.codingPath, "must not be null")
        case .typeMismatch(let type, let context):
            self.init(context.codingPath, "must be \(Self.words(for: type))")
        case .dataCorrupted(let context):
            let isSyntax = context.codingPath.isEmpty && context.underlyingError != nil
            self.init(
                context.codingPath,
                isSyntax ? "is not well-formed" : context.debugDescription,
                isSyntax: isSyntax
            )
        @unknown default:
            self.init([], "cannot be read")
        }
    }

    private init(_ path: [any CodingKey], _ detail: String, isSyntax: Bool = false) {
        pointer = Self.pointer(path)
        self.detail = detail
        self.isSyntax = isSyntax
    }

    /// The JSON Pointer of a coding path.
    public static func pointer(_ path: [any CodingKey]) -> String {
        path.map { key in
            let name = key.intValue.map(String.init) ?? key.stringValue
            return "/"
                + name.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
                .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
        }.joined()
    }

    /// Text of a caller's in quotes, as much of it as helps to find it.
    public static func quoted(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(64)
        return start.endIndex == text.endIndex ? "'\(text)'" : "'\(String(start))...'"
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Int.Type, is Int16.Type, is Int32.Type, is Int64.Type: "a whole number"
        case is Double.Type: "a number"
        case is [String: Any].Type: "an object"
        case is [Any].Type: "an array"
        default: "of another type"
        }
    }
}
