/// What happened to a recipient's copy of a message, as the event feed and webhooks name it. The raw values are the
/// API's.
public enum EventType: String, CaseIterable, Codable, Sendable {
    case scheduled = "email.scheduled"
    case queued = "email.queued"
    case sent = "email.sent"
    case delivered = "email.delivered"
    case deliveryDelayed = "email.delivery_delayed"
    case bounced = "email.bounced"
    case complained = "email.complained"
    case rejected = "email.rejected"
    case failed = "email.failed"
    case suppressed = "email.suppressed"
    case canceled = "email.canceled"
    case expired = "email.expired"
    case unknown = "email.unknown"
    case opened = "email.opened"
    case clicked = "email.clicked"
    /// A recipient wants no more of the stream; says nothing of this copy.
    case unsubscribed = "email.unsubscribed"

    /// The status that the event states; nil for `opened`, `clicked` and `unsubscribed`, which are events and no states.
    public var status: MessageStatus? {
        switch self {
        case .scheduled: .scheduled
        case .queued: .queued
        case .sent: .sent
        case .delivered: .delivered
        case .deliveryDelayed: .delayed
        case .bounced: .bounced
        case .complained: .complained
        case .rejected: .rejected
        case .failed: .failed
        case .suppressed: .suppressed
        case .canceled: .canceled
        case .expired: .expired
        case .unknown: .unknown
        case .opened, .clicked, .unsubscribed: nil
        }
    }

    /// What the event proves at least: its status, or `sent` for a mail that was opened or used, which settles an `unknown`.
    public var evidence: MessageStatus { status ?? .sent }

    /// The event that announces a status; nil for `sending`, which is announced by none.
    public init?(_ status: MessageStatus) {
        guard let match = Self.allCases.first(where: { $0.status == status }) else { return nil }
        self = match
    }
}
