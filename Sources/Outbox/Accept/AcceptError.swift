/// Why a message was not accepted. It is then not in the outbox, unless the connection was lost during its commit.
public struct AcceptError: Error, Sendable, CustomStringConvertible {
    /// What kind of refusal; more may be added.
    public struct Code: Hashable, Sendable {
        private enum Value { case unavailable, full, stopping, refused }
        private let value: Value

        /// The database does not take writes just now.
        public static let unavailable = Code(value: .unavailable)
        /// Too many messages wait for their commit.
        public static let full = Code(value: .full)
        /// The node is being stopped.
        public static let stopping = Code(value: .stopping)
        /// The database refuses this very message; trying again is of no use.
        public static let refused = Code(value: .refused)
    }

    public let code: Code
    /// For logs; holds no data of the message.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
