/// Why something cannot be sealed or opened. Names keys, never what they are, nor what they seal.
public struct SealingError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure; more may be added.
    public struct Code: Hashable, Sendable {
        private enum Value { case configuration, missingKey, wrongKey, unavailable, damaged }
        private let value: Value

        /// A key file or a setting cannot be used.
        public static let configuration = Code(value: .configuration)
        /// The configuration lacks a key under which something is sealed.
        public static let missingKey = Code(value: .missingKey)
        /// A configured key is another than the one of its name that was used.
        public static let wrongKey = Code(value: .wrongKey)
        /// The database or KMS does not answer; later it may.
        public static let unavailable = Code(value: .unavailable)
        /// What is to be opened was altered, or belongs to another row.
        public static let damaged = Code(value: .damaged)
    }

    public let code: Code
    /// What is wrong and what to do.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
