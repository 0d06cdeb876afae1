/// How a call without an answer ended. It holds no path, query, header or body of the request.
public struct OutboundError: Error, Sendable {
    /// What went wrong.
    public let code: Code

    /// Whether any byte of the request may have left. `false` only where it is certain that none did: the request was
    /// never handed to a connection (libcurl's pre-request callback did not let it through). A TLS handshake is not
    /// part of the request.
    public let bytesLeft: Bool

    /// Whether the request may have left whole. `false` only where it is certain that its last byte was not written, so
    /// that no server can have acted on it; always `false` with `deadlinePassed`.
    public let wholeRequestLeft: Bool

    /// The call's connection was certainly closed, by a reset, at or before this instant: nothing of the request can
    /// leave later.
    public let endedAt: ContinuousClock.Instant

    /// One sentence for logs: method, scheme, host and port, and libcurl's words.
    public let message: String

    /// libcurl's `CURLcode`, where it decided.
    public let curlCode: Int?

    public init(
        _ code: Code,
        message: String,
        bytesLeft: Bool = false,
        wholeRequestLeft: Bool = false,
        endedAt: ContinuousClock.Instant = .now,
        curlCode: Int? = nil
    ) {
        self.code = code
        self.bytesLeft = bytesLeft
        self.wholeRequestLeft = wholeRequestLeft
        self.endedAt = endedAt
        self.message = message
        self.curlCode = curlCode
    }

    static func invalid(_ message: String) -> OutboundError {
        OutboundError(.invalidRequest, message: "Invalid request: " + message)
    }

    static func neverStarted(_ code: Code, _ text: String) -> OutboundError {
        OutboundError(code, message: "Not started: " + text)
    }

    static func shutDown() -> OutboundError {
        OutboundError(.shutDown, message: "The HTTP client was shut down")
    }
}

extension OutboundError: CustomStringConvertible {
    public var description: String {
        let left = wholeRequestLeft ? "the request may have left" : bytesLeft ? "a part left" : "nothing left"
        return "\(code): \(message) (\(left)\(curlCode.map { ", curl \($0)" } ?? ""))"
    }
}
