public import Mail

/// Why something about a webhook endpoint was refused.
public struct EndpointError: Error, Sendable, CustomStringConvertible {
    /// What kind of refusal; more may be added.
    public struct Code: Hashable, Sendable {
        private enum Value { case notFound, invalid, conflict }
        private let value: Value

        /// The tenant has no such endpoint or delivery.
        public static let notFound = Code(value: .notFound)
        /// Members are wrong; `failures` says which.
        public static let invalid = Code(value: .invalid)
        /// Something is in the way: a bound is reached, or the endpoint is disabled.
        public static let conflict = Code(value: .conflict)
    }

    public let code: Code
    public let message: String
    public let failures: [ValidationFailure]

    init(_ code: Code, _ message: String, failures: [ValidationFailure] = []) {
        self.code = code
        self.message = message
        self.failures = failures
    }

    public var description: String { message }

    static let noEndpoint = EndpointError(.notFound, "there is no webhook with this id")

    static let disabled = EndpointError(
        .conflict,
        "the webhook is disabled; enable it first: PATCH it with {\"status\": \"active\"}"
    )
}
