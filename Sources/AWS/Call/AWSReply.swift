public import Outbound

/// A service's answer, also when it refused.
public struct AWSReply: Sendable {
    public let status: Int
    public let headers: HeaderFields
    public let body: [UInt8]

    /// An instant at or after the last byte of the request went to the socket; `nil` when the answer came earlier.
    public let bodySentAt: ContinuousClock.Instant?

    /// An instant at or after the end of the answer.
    public let answeredAt: ContinuousClock.Instant

    /// The refusal, unless the status is 2xx.
    public let serviceError: ServiceError?

    /// The id by which AWS support finds the call.
    public var requestID: String? { headers["x-amzn-RequestId"] ?? headers["x-amz-request-id"] }

    init(_ response: OutboundResponse) {
        status = response.status
        headers = response.headers
        body = response.body
        bodySentAt = response.bodySentAt
        answeredAt = response.answeredAt
        serviceError = (200..<300).contains(response.status) ? nil : ServiceError(response)
    }
}
