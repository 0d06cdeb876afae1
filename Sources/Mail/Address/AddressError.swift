/// Why a text is no address that mail can be sent to. The message never holds the address itself.
public struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of mistakes.
    public struct Code: Hashable, Sendable {
        private enum Value { case empty, tooLong, controlCharacter, syntax, several, localPart, domain, displayName }
        private let value: Value

        /// Nothing but white space.
        public static let empty = Code(value: .empty)
        /// A part or the whole is longer than RFC 5321, section 4.5.3.1, allows.
        public static let tooLong = Code(value: .tooLong)
        /// A control character, CR, LF or NUL.
        public static let controlCharacter = Code(value: .controlCharacter)
        /// Brackets, quotes or parts that do not fit together.
        public static let syntax = Code(value: .syntax)
        /// More than one address where one is expected.
        public static let several = Code(value: .several)
        /// What stands before the `@`.
        public static let localPart = Code(value: .localPart)
        /// What stands after the `@`.
        public static let domain = Code(value: .domain)
        /// The name before `<`.
        public static let displayName = Code(value: .displayName)
    }

    public let code: Code

    /// A sentence part such as `the domain has no dot`, fit for the person who wrote the address.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
