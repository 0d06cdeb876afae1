/// One HTTP/1.1 request. The client speaks no other version, follows no redirect, uses no proxy, cookie or `.netrc`,
/// decompresses nothing and sends what is given here byte for byte (SigV4 signs `Host` and `Content-Type`).
public struct OutboundRequest: Sendable {
    public var method: HTTPMethod

    /// An absolute `http` or `https` URL in ASCII, without user name or fragment. Its path and query go out unchanged.
    public var url: String

    /// The fields to send. `Host` is added from the URL and `User-Agent` from the configuration where missing;
    /// `Content-Length` is always the client's.
    public var headers: HeaderFields

    /// The content. `nil` and empty are the same for POST, PUT and PATCH.
    public var body: [UInt8]?

    public var timeouts: Timeouts

    /// The longest answer body to accept, in bytes; a longer one ends the call with `responseTooLarge`.
    public var maxResponseBytes: Int

    /// A longer answer is cut instead: the call succeeds with no more than `maxResponseBytes`, and its connection is closed.
    public var cutsLongResponse: Bool

    /// Where the request may go; nil: anywhere.
    public var egress: EgressPolicy?

    /// When set, the end of the body leaves only while this deadline has not passed.
    public var deadline: SendDeadline?

    public init(
        method: HTTPMethod,
        url: String,
        headers: HeaderFields = [:],
        body: [UInt8]? = nil,
        timeouts: Timeouts = Timeouts(),
        maxResponseBytes: Int = 1 << 20,
        cutsLongResponse: Bool = false,
        egress: EgressPolicy? = nil,
        deadline: SendDeadline? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.maxResponseBytes = maxResponseBytes
        self.cutsLongResponse = cutsLongResponse
        self.egress = egress
        self.deadline = deadline
    }
}
