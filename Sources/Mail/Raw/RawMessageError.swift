/// Why a raw message is refused. All reasons are given; none holds addresses or content.
public struct RawMessageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of refusals.
    public struct Code: Hashable, Sendable {
        private enum Value { case noHeader, malformed, bytes, lineTooLong, from, duplicate, reserved }
        private let value: Value

        /// There is no header section, or it does not start at the first byte.
        public static let noHeader = Code(value: .noHeader)
        /// A line of the header section is no header field.
        public static let malformed = Code(value: .malformed)
        /// NUL, a control character, or a byte above 127 where none may stand.
        public static let bytes = Code(value: .bytes)
        /// A line is longer than 998 bytes.
        public static let lineTooLong = Code(value: .lineTooLong)
        /// No From field, several, or one without a usable address.
        public static let from = Code(value: .from)
        /// A field stands twice that SES takes once.
        public static let duplicate = Code(value: .duplicate)
        /// A field that steers SES.
        public static let reserved = Code(value: .reserved)
    }

    /// One reason.
    public struct Reason: Hashable, Sendable {
        public let code: Code
        /// A sentence part, with the line's number where there is one.
        public let message: String
    }

    /// In the order in which they were found; never empty.
    public let reasons: [Reason]

    public var description: String {
        reasons.map(\.message).joined(separator: "; ")
    }
}
