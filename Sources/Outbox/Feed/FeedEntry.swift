public import Foundation

/// One event as its tenant learns of it: in the feed and by webhook, with the same id and the same words.
public struct FeedEntry: Sendable {
    /// The mail that it is about, as far as filters look at it.
    public struct Subject: Sendable {
        /// The From header's value.
        public let from: String
        public let region: String
        public let stream: String
        /// A JSON object of strings, nil when there are none.
        public let tags: String?

        public init(from: String, region: String, stream: String, tags: String?) {
            self.from = from
            self.region = region
            self.stream = stream
            self.tags = tags
        }
    }

    /// Its place among its tenant's events; 0 where it was not read from the feed.
    public let seq: Int64
    /// When it got its place; never falls along `seq`.
    public let sequencedAt: Date
    public let event: EventReference
    /// A UUID; the same in the feed, in `GET /messages/{id}/events` and as `webhook-id`.
    public let id: String
    /// An `EventType`'s raw value, or a notice such as `webhook.disabled`.
    public let type: String
    /// When it happened, RFC 3339 in UTC with milliseconds.
    public let timestamp: String
    /// The payload's `data`: a JSON object, the same text whenever it is read.
    public let data: String
    /// Nil for a notice that is about no message.
    public let subject: Subject?

    public init(
        seq: Int64,
        sequencedAt: Date,
        event: EventReference,
        id: String,
        type: String,
        timestamp: String,
        data: String,
        subject: Subject?
    ) {
        self.seq = seq
        self.sequencedAt = sequencedAt
        self.event = event
        self.id = id
        self.type = type
        self.timestamp = timestamp
        self.data = data
        self.subject = subject
    }

    /// A webhook's body.
    public var body: [UInt8] {
        Array(#"{"type":"\#(type)","timestamp":"\#(timestamp)","data":\#(data)}"#.utf8)
    }
}
