/// An error in how the simulator was set up: an option, a settings or a faults document, or the address to bind.
public struct SimulatorError: Error, Sendable, CustomStringConvertible {
    /// What kind of error it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Known: String, Sendable {
            case addressInUse = "address_in_use"
            case cannotBind = "cannot_bind"
            case invalidFaults = "invalid_faults"
            case invalidOption = "invalid_option"
            case invalidSettings = "invalid_settings"
        }

        private let known: Known

        private init(_ known: Known) {
            self.known = known
        }

        /// Another process listens on the address.
        public static let addressInUse = Code(.addressInUse)
        /// The address cannot be bound for another reason.
        public static let cannotBind = Code(.cannotBind)
        /// The faults document cannot be read or says something unknown.
        public static let invalidFaults = Code(.invalidFaults)
        /// An option's value is out of its range.
        public static let invalidOption = Code(.invalidOption)
        /// The settings document cannot be read or says something unknown.
        public static let invalidSettings = Code(.invalidSettings)

        public var description: String { known.rawValue }
    }

    public let code: Code
    public let message: String
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String { message }
}
