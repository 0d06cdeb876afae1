/// Why a message was not accepted. It is then not in the outbox, unless the connection was lost during its commit.
public struct AcceptError: Error, Sendable, CustomStringConvertible {
    /// What kind of refusal; more may be added.
    public struct Code: Hashable, Sendable {
        private enum Value {
            case unavailable, full, tenantFull, overLimit, stopping, refused, keyReused, keyInUse, inDoubt
        }
        private let value: Value

        /// The database does not take writes just now.
        public static let unavailable = Code(value: .unavailable)
        /// Too many messages wait for their commit.
        public static let full = Code(value: .full)
        /// Too many of the tenant's messages do.
        public static let tenantFull = Code(value: .tenantFull)
        /// It would go beyond a limit of the tenant; `limit` says which.
        public static let overLimit = Code(value: .overLimit)
        /// The node is being stopped.
        public static let stopping = Code(value: .stopping)
        /// The database refuses this very message; trying again is of no use.
        public static let refused = Code(value: .refused)
        /// The connection was lost during the commit, and it could not be found out whether the message is in.
        public static let inDoubt = Code(value: .inDoubt)
        /// The idempotency key stands for another request.
        public static let keyReused = Code(value: .keyReused)
        /// A request with the same idempotency key is under way.
        public static let keyInUse = Code(value: .keyInUse)
    }

    public let code: Code
    /// For logs; holds no data of the message.
    public let message: String
    /// Whole seconds after which to try again, where that is known.
    public let retryAfter: Int?
    /// With `overLimit`: the limit.
    public let limit: LimitRefusal?

    init(_ code: Code, _ message: String, retryAfter: Int? = nil, limit: LimitRefusal? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.limit = limit
    }

    init(_ refusal: LimitRefusal) {
        self.init(.overLimit, "a limit of the tenant is reached", retryAfter: refusal.retryAfter, limit: refusal)
    }

    public var description: String { message }
}
