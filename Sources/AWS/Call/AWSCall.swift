public import Outbound
import Signing

/// One call to a service.
public struct AWSCall: Sendable {
    /// A parameter of the query.
    public struct Parameter: Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var method: HTTPMethod

    /// Begins with a slash; percent-encoded.
    public var path: String

    /// Not encoded. A name may come more than once.
    public var query: [Parameter]

    /// Sent and signed when there is a body.
    public var contentType: String

    /// More fields to send and sign.
    public var headers: HeaderFields

    public var body: [UInt8]

    public var timeouts = Timeouts()

    /// The longest answer to accept, in bytes.
    public var maxResponseBytes = 1 << 20

    /// See `OutboundRequest.deadline`.
    public var deadline: SendDeadline?

    public init(
        method: HTTPMethod,
        path: String,
        query: [Parameter] = [],
        contentType: String = "application/json",
        headers: HeaderFields = [:],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// Text as one part of a path.
    public static func encoded(_ part: String) -> String { PercentCoding.encode(part) }
}
