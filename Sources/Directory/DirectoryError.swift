/// Why a change to the directory was refused.
public struct DirectoryError: Error, Sendable, CustomStringConvertible {
    /// What kind of refusal; more may be added.
    public struct Code: Hashable, Sendable {
        private enum Value { case notFound, invalid }
        private let value: Value

        public static let notFound = Code(value: .notFound)
        public static let invalid = Code(value: .invalid)
    }

    public let code: Code
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
