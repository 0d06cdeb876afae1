public import struct Foundation.Date

/// Where an account's feedback comes from and what of it could not be used.
public struct FeedbackFigures: Equatable, Sendable {
    public struct Source: Equatable, Sendable {
        /// A topic's ARN or a queue's URL.
        public let source: String
        public let confirmedAt: Date?
        public let endedAt: Date?
        public let receivedAt: Date?
        public let eventAt: Date?
        public let events: Int64

        public init(
            source: String,
            confirmedAt: Date?,
            endedAt: Date?,
            receivedAt: Date?,
            eventAt: Date?,
            events: Int64
        ) {
            self.source = source
            self.confirmedAt = confirmedAt
            self.endedAt = endedAt
            self.receivedAt = receivedAt
            self.eventAt = eventAt
            self.events = events
        }
    }

    /// Nil for what came in for no account that is known.
    public let account: String?
    public let sources: [Source]
    /// How much is kept, by reason.
    public let kept: [String: Int]

    public init(account: String?, sources: [Source], kept: [String: Int]) {
        self.account = account
        self.sources = sources
        self.kept = kept
    }
}

/// Something that came in and could never be applied.
public struct KeptFeedback: Equatable, Sendable {
    /// Grows with time.
    public let id: Int64
    public let at: Date
    public let account: String?
    public let source: String
    public let reason: String
    public let detail: String
    /// Its first 16 KiB.
    public let body: String

    public init(id: Int64, at: Date, account: String?, source: String, reason: String, detail: String, body: String) {
        self.id = id
        self.at = at
        self.account = account
        self.source = source
        self.reason = reason
        self.detail = detail
        self.body = body
    }
}

/// What an operator has to look after, until somebody takes it off the list.
public struct OperatorAlarm: Equatable, Sendable {
    public let account: String
    public let kind: String
    public let object: String
    public let detail: String
    public let times: Int64
    public let firstAt: Date
    public let lastAt: Date

    public init(
        account: String,
        kind: String,
        object: String,
        detail: String,
        times: Int64,
        firstAt: Date,
        lastAt: Date
    ) {
        self.account = account
        self.kind = kind
        self.object = object
        self.detail = detail
        self.times = times
        self.firstAt = firstAt
        self.lastAt = lastAt
    }
}
