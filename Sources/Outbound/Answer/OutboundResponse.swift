/// A complete answer.
public struct OutboundResponse: Sendable {
    /// The status code, 200...599; redirects are answers like any other.
    public let status: Int

    public let headers: HeaderFields

    /// The content as it came: chunks joined, nothing decompressed.
    public let body: [UInt8]

    /// An instant at or after the last byte of the request was given to the socket, never before it. `nil` when the
    /// answer came while the body was still leaving: then the request was never complete on the wire.
    public let bodySentAt: ContinuousClock.Instant?

    /// An instant at or after the end of the answer.
    public let answeredAt: ContinuousClock.Instant

    /// Whether the connection had carried an earlier request.
    public let connectionReused: Bool

    public let timings: TransferTimings

    public init(
        status: Int,
        headers: HeaderFields = [:],
        body: [UInt8] = [],
        bodySentAt: ContinuousClock.Instant?,
        answeredAt: ContinuousClock.Instant,
        connectionReused: Bool = false,
        timings: TransferTimings = TransferTimings()
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.bodySentAt = bodySentAt
        self.answeredAt = answeredAt
        self.connectionReused = connectionReused
        self.timings = timings
    }
}
