public import Mail

/// What one request wants accepted: messages that are committed together or not at all.
public struct Submission: Sendable {
    public let tenantID: Int32
    public let messages: [NewMessage]
    /// Whether a message that the database refuses fails them all; else the others are accepted without it.
    public let isAtomic: Bool
    public let key: IdempotencyKey?
    /// The text of the answer, which is kept under the key: given the status of each message, nil where it was refused.
    public let answer: @Sendable ([MessageStatus?]) -> String

    public init(
        tenantID: Int32,
        messages: [NewMessage],
        isAtomic: Bool,
        key: IdempotencyKey?,
        answer: @escaping @Sendable ([MessageStatus?]) -> String
    ) {
        self.tenantID = tenantID
        self.messages = messages
        self.isAtomic = isAtomic
        self.key = key
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
