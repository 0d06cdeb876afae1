import FoundationEssentials

/// When credentials are to be renewed, on the monotonic clock, so that a step of the wall clock changes nothing.
struct RefreshSchedule: Sendable {
    /// How long before the end one caller renews them while the others go on with the old ones.
    static let advisory = Duration.seconds(15 * 60)

    /// How long before the end every caller waits for new ones.
    static let mandatory = Duration.seconds(10 * 60)

    /// From here on, one caller renews.
    let advisedAt: ContinuousClock.Instant

    /// From here on, all wait for new ones.
    let requiredAt: ContinuousClock.Instant

    let expiresAt: ContinuousClock.Instant

    /// Credentials of under an hour are renewed at proportionate times instead: those of 15 minutes would be renewed at
    /// every call.
    init(expiration: Date, fetchedAt now: ContinuousClock.Instant, wall: Date) {
        // A minute at least: where the local clock is wrong, the service knows better whether they have ended.
        let life = max(Duration.seconds(expiration.timeIntervalSince(wall)), .seconds(60))
        expiresAt = now + life
        advisedAt = expiresAt - min(Self.advisory, life / 4)
        requiredAt = expiresAt - min(Self.mandatory, life / 6)
    }
}
