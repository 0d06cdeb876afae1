/// `GET /messages/{id}`.
struct MessageAnswer: Decodable, Sendable {
    struct Recipient: Decodable, Sendable {
        let email: String
        let status: String
        let attempts: Int
        let detail: String?
    }

    struct Waiting: Decodable, Sendable {
        let lane: String?
        let blocker: String
        let detail: String?
    }

    /// Nothing more comes of these without an event from SES.
    private static let ends: Set<String> = [
        "sent", "delivered", "delayed", "bounced", "complained", "rejected", "failed", "canceled", "expired",
        "suppressed",
    ]

    let id: String
    let status: String
    let recipients: [Recipient]
    let waiting: Waiting?

    var hasEnded: Bool { Self.ends.contains(status) }
    var attempts: Int { recipients.map(\.attempts).reduce(0, +) }
}

/// `GET /messages/{id}/events`.
struct EventsAnswer: Decodable, Sendable {
    struct Event: Decodable, Sendable {
        let type: String
    }

    let data: [Event]
}

/// An answer 202 of `POST /send`.
struct Acceptance: Decodable, Sendable {
    let id: String
    let status: String
}

/// A problem (RFC 9457).
struct ProblemAnswer: Decodable, Sendable {
    struct Fault: Decodable, Sendable {
        let pointer: String
        let detail: String
    }

    let code: String
    let status: Int
    let detail: String
    let errors: [Fault]?
}
