public import Outbound

/// Why a call to AWS has no answer. A refusal by the service is an answer: see ``ServiceError``.
public struct AWSError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: Hashable {
            case noCredentials, credentials, configuration, transport, cancelled
        }

        private let value: Value

        /// No source has credentials; the message lists where was looked.
        public static let noCredentials = Code(value: .noCredentials)
        /// A source is set up, but could not give credentials; the message names it.
        public static let credentials = Code(value: .credentials)
        /// A setting cannot be used, such as an endpoint that is no URL, or a profile that needs something unsupported.
        public static let configuration = Code(value: .configuration)
        /// The request got no answer; see ``AWSError/transport``.
        public static let transport = Code(value: .transport)
        /// The calling task was cancelled before anything was sent.
        public static let cancelled = Code(value: .cancelled)

        public var description: String { "\(value)" }
    }

    public let code: Code

    /// What happened and what to do, in a sentence or two without secrets.
    public let message: String

    /// How the request ended, where `code` is `transport`.
    public let transport: OutboundError?

    public init(_ code: Code, _ message: String, transport: OutboundError? = nil) {
        self.code = code
        self.message = message
        self.transport = transport
    }

    public var description: String { "\(code): \(message)" }
}
