/// What one request wants accepted: messages that are committed together or not at all.
public struct Submission: Sendable {
    public let tenantID: Int32
    public internal(set) var messages: [NewMessage]
    /// Whether a message that the database refuses, or that goes beyond a limit, fails them all; else the others are accepted
    /// without it.
    public let isAtomic: Bool
    public let key: IdempotencyKey?
    /// The tenant's.
    public let limits: AcceptLimits
    /// The text of the answer, which is kept under the key, given what became of each message.
    public let answer: @Sendable ([MessageVerdict]) -> String

    public init(
        tenantID: Int32,
        messages: [NewMessage],
        isAtomic: Bool,
        key: IdempotencyKey?,
        limits: AcceptLimits = AcceptLimits(),
        answer: @escaping @Sendable ([MessageVerdict]) -> String
    ) {
        self.tenantID = tenantID
        self.messages = messages
        self.isAtomic = isAtomic
        self.key = key
        self.limits = limits
        self.answer = answer
    }

    /// What it takes of the buffer.
    var bytes: Int { messages.reduce(0) { $0 + $1.content.bytes.count + 1024 } }
}

/// The answer to a submission that is durable.
public struct Receipt: Sendable {
    public let answer: String
    /// Whether it's the answer to an earlier request with the same key.
    public let isReplay: Bool

    public init(answer: String, isReplay: Bool) {
        self.answer = answer
        self.isReplay = isReplay
    }
}
