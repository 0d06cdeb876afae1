/// One thing that is wrong with a draft: where (JSON pointer, RFC 6901, into the request) and what. Holds no
/// addresses and no content.
public struct ValidationFailure: Hashable, Sendable {
    public let pointer: String
    public let detail: String
    /// Of a request that is read line by line, from 1.
    public var line: Int?

    public init(pointer: String, detail: String, line: Int? = nil) {
        self.pointer = pointer
        self.detail = detail
        self.line = line
    }

    /// A JSON pointer's reference token (RFC 6901, section 3).
    static func token(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "~": result += "~0"
            case "/": result += "~1"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
