/// Why a listener does not run.
public struct GatewayError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure; more may be added.
    public struct Code: Hashable, Sendable {
        private enum Value { case invalidAddress, addressInUse, cannotBind }
        private let value: Value

        /// The text names no host and port.
        public static let invalidAddress = Code(value: .invalidAddress)
        /// Another process listens there.
        public static let addressInUse = Code(value: .addressInUse)
        /// The system refuses to listen there.
        public static let cannotBind = Code(value: .cannotBind)
    }

    public let code: Code
    public let message: String
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String { message }
}
