extension PostgresError {
    /// What kind of failure this is. Open, so that a new kind breaks no caller's source.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case server, connectionLost, unavailable, poolExhausted, poolClosed, timeout, decoding, encoding
            case commitOutcomeUnknown, transactionAborted, protocolMisuse, configuration, migration
        }

        private let kind: Kind

        private init(_ kind: Kind) {
            self.kind = kind
        }

        public var description: String { kind.rawValue }

        /// The server refused the statement; `sqlState` says why.
        public static let server = Code(.server)
        /// The connection broke while in use. A statement outside a transaction may have taken effect.
        public static let connectionLost = Code(.connectionLost)
        /// No connection could be made; the server is down, refuses us, or was down moments ago.
        public static let unavailable = Code(.unavailable)
        /// Every connection of the pool is in use and the wait for one is over (or too many wait already).
        public static let poolExhausted = Code(.poolExhausted)
        /// The pool is shutting down.
        public static let poolClosed = Code(.poolClosed)
        /// The client's own deadline passed; the statement was cancelled at the server.
        public static let timeout = Code(.timeout)
        /// A value of a result does not fit the Swift type that was asked for.
        public static let decoding = Code(.decoding)
        /// A Swift value cannot be sent, such as a date that is not a number.
        public static let encoding = Code(.encoding)
        /// The transaction may or may not be durable: the connection broke during the commit, or the wait for the
        /// synchronous standby was cancelled.
        public static let commitOutcomeUnknown = Code(.commitOutcomeUnknown)
        /// `COMMIT` was answered with a rollback, because an earlier statement's error had been swallowed.
        public static let transactionAborted = Code(.transactionAborted)
        /// The module was used in a way that it does not allow, such as a transaction inside a transaction.
        public static let protocolMisuse = Code(.protocolMisuse)
        /// The connection string or a setting cannot be used.
        public static let configuration = Code(.configuration)
        /// A migration cannot be applied, or the database is not at the expected schema.
        public static let migration = Code(.migration)
    }
}
