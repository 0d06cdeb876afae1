import struct FoundationEssentials.Date

/// How old an envelope may be: SNS does not protect against replays, so that an old one is somebody else's copy.
enum EnvelopeAge {
    /// SNS repeats a notification for an hour at most.
    static let notification = 3600.0
    /// A subscription's token holds for two days.
    static let subscription = 2 * 86_400.0
    /// By how much the clocks may differ.
    static let tolerance = 300.0

    /// Why the envelope is not of now, or nil.
    static func objection(to envelope: SNSEnvelope, now: Date) -> String? {
        guard let sentAt = envelope.sentAt else { return "Timestamp is not a time in UTC" }
        let age = now.timeIntervalSince(sentAt)
        let most = envelope.kind == .subscription ? subscription : notification
        if age > most + tolerance { return "it was sent \(Int(age)) s ago" }
        if age < -tolerance { return "it is dated \(Int(-age)) s ahead of our clock" }
        return nil
    }
}
