/// A plain mail that is filled when it is sent. Stored as JSON. That it can be filled was found out when it was accepted, and
/// what it is filled with never changes.
public struct TemplatedContent: Hashable, Codable, Sendable {
    public enum Source: Hashable, Codable, Sendable {
        /// A version of a stored template, by the number that the store has for it.
        case version(Int64)
        /// The same to everybody, word by word.
        case fixed(TemplateSource)
    }

    /// What mails have in common that may ride in one call.
    public struct Frame: Hashable, Codable, Sendable {
        /// `FromEmailAddress`.
        public let from: String
        public let replyTo: [String]
        /// At most 15, each name once.
        public let headers: [HeaderField]
        public let source: Source

        public init(from: String, replyTo: [String], headers: [HeaderField], source: Source) {
            self.from = from
            self.replyTo = replyTo
            self.headers = headers
            self.source = source
        }
    }

    public let frame: Frame
    public let data: TemplateValue
    /// Recipients have data of their own, which are laid over these.
    public let isEach: Bool

    public init(frame: Frame, data: TemplateValue, isEach: Bool = false) {
        self.frame = frame
        self.data = data
        self.isEach = isEach
    }
}
