import struct FoundationEssentials.Date

/// How old an envelope may be: SNS does not protect against replays, so that an old one is somebody else's copy.
enum EnvelopeAge: Equatable {
    case current
    /// It can never be accepted.
    case stale(String)
    /// A clock is wrong, or cannot be asked. Nobody but the signer can date an envelope ahead.
    case doubtful(String)

    /// SNS repeats a notification for an hour at most.
    static let notification = 3600.0
    /// A subscription's token holds for two days.
    static let subscription = 2 * 86_400.0
    /// By how much the clocks may differ.
    static let tolerance = 300.0

    init(of envelope: SNSEnvelope, now: Date) {
        guard let sentAt = envelope.sentAt else {
            self = .stale("Timestamp is not a time in UTC")
            return
        }
        let age = now.timeIntervalSince(sentAt)
        let most = envelope.kind == .subscription ? Self.subscription : Self.notification
        if age > most + Self.tolerance {
            self = .stale("it was sent \(Int(age)) s ago")
        } else if age < -Self.tolerance {
            self = .doubtful("it is dated \(Int(-age)) s ahead")
        } else {
            self = .current
        }
    }
}
