extension OutboundError {
    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: Hashable {
            case unresolved, addressRefused, connectFailed, tls, timedOut(TimeoutPhase), reset, resetByClient,
                responseTooLarge
            case rewindRefused, deadlinePassed, cancelled, shutDown, invalidRequest, protocolError, other
        }

        private let value: Value

        /// The host name has no address.
        public static let unresolved = Code(value: .unresolved)
        /// The ``EgressPolicy`` does not let the request go to the host's address; nothing was sent.
        public static let addressRefused = Code(value: .addressRefused)
        /// No TCP connection.
        public static let connectFailed = Code(value: .connectFailed)
        /// The TLS handshake failed, or the certificate is not trusted for the host.
        public static let tls = Code(value: .tls)
        /// A phase took too long; see ``Timeouts``.
        public static func timedOut(_ phase: TimeoutPhase) -> Code { Code(value: .timedOut(phase)) }
        /// The peer or the network ended the connection before the answer was complete.
        public static let reset = Code(value: .reset)
        /// `HTTPClient.resetAll` ended the call.
        public static let resetByClient = Code(value: .resetByClient)
        /// The answer is longer than `maxResponseBytes`, or its head than 64 KiB.
        public static let responseTooLarge = Code(value: .responseTooLarge)
        /// A reused connection died after the request had been written, and sending it again was refused: its fate is
        /// unknown.
        public static let rewindRefused = Code(value: .rewindRefused)
        /// The request's ``SendDeadline`` passed before its last byte left: it was never complete on the wire.
        public static let deadlinePassed = Code(value: .deadlinePassed)
        /// The calling task was cancelled.
        public static let cancelled = Code(value: .cancelled)
        /// The client is, or was meanwhile, shut down.
        public static let shutDown = Code(value: .shutDown)
        /// The request cannot be sent as it is; nothing was tried.
        public static let invalidRequest = Code(value: .invalidRequest)
        /// What came back is not HTTP/1.x.
        public static let protocolError = Code(value: .protocolError)
        /// Anything else, such as no memory.
        public static let other = Code(value: .other)

        /// The phase of `timedOut`, otherwise `nil`.
        public var timedOutPhase: TimeoutPhase? {
            if case .timedOut(let phase) = value { phase } else { nil }
        }

        public var description: String {
            if case .timedOut(let phase) = value { "timedOut(\(phase.rawValue))" } else { "\(value)" }
        }
    }
}
