/// Everything that is wrong with a draft; never empty.
public struct DraftError: Error, Hashable, Sendable, CustomStringConvertible {
    public let failures: [ValidationFailure]

    /// Whether the size is among the failures, which an HTTP server answers with 413.
    public let isTooLarge: Bool

    public init(failures: [ValidationFailure], isTooLarge: Bool = false) {
        self.failures = failures
        self.isTooLarge = isTooLarge
    }

    public var description: String {
        failures.map { "\($0.pointer): \($0.detail)" }.joined(separator: "; ")
    }
}
