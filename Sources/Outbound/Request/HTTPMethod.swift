/// A request method (RFC 9110 section 9); sent exactly as given.
public struct HTTPMethod: Hashable, Sendable, CustomStringConvertible {
    public let name: String

    public init(_ name: String) {
        self.name = name
    }

    public static let get = HTTPMethod("GET")
    public static let head = HTTPMethod("HEAD")
    public static let post = HTTPMethod("POST")
    public static let put = HTTPMethod("PUT")
    public static let patch = HTTPMethod("PATCH")
    public static let delete = HTTPMethod("DELETE")

    public var description: String { name }

    /// Whether a request without a body announces `Content-Length: 0` (RFC 9110 section 8.6).
    var expectsBody: Bool { self == .post || self == .put || self == .patch }

    /// Whether libcurl may send the request again by itself when a reused connection turns out to be dead.
    var mayBeRepeated: Bool { self == .get || self == .head }
}
