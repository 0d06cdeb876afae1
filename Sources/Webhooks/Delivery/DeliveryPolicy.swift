import Foundation

/// What an attempt's end means: the published schedule of retries (Standard Webhooks 1.0), and what receivers can ask for.
enum DeliveryPolicy {
    /// The delay before attempt n.
    static let schedule: [Duration] = [
        .zero, .seconds(5), .seconds(300), .seconds(1800), .seconds(7200), .seconds(5 * 3600), .seconds(10 * 3600),
        .seconds(14 * 3600), .seconds(20 * 3600), .seconds(24 * 3600),
    ]
    /// How long a receiver can ask to be left alone.
    static let longestHold = Duration.seconds(3600)
    /// An endpoint without a success for so long, and with so many failures in a row, is disabled.
    static let patience = Duration.seconds(5 * 86_400)
    static let failuresToDisable = 10
    /// An endpoint with so many failures in a row is down: it is probed now and then, and gets little that is new.
    static let failuresToProbe = 10
    /// One that was down gets what waits for a retry after so many successes in a row, spread over a time, and not again soon.
    static let successesToRevive = 5
    static let revival = Duration.seconds(10)
    static let revivalPause = Duration.seconds(600)

    enum Verdict: Equatable, Sendable {
        case delivered
        /// The delay until the next attempt, and how long the whole endpoint is held.
        case retry(after: Duration, hold: Duration?)
        /// Tried before its time, in vain: its schedule goes on as if it had not been.
        case early(until: Duration, hold: Duration?)
        /// The last attempt was made.
        case failed(hold: Duration?)
        /// The receiver wants nothing any more.
        case gone
        /// As if it had not been tried.
        case released
        case discarded
    }

    /// - Parameters:
    ///   - attempt: which attempt ended, from 1.
    ///   - scheduledAt: when it would have been made, if it was brought forward.
    static func verdict(
        on answer: DeliveryAnswer,
        attempt: Int,
        scheduledAt: Date? = nil,
        now: Date,
        using random: inout some RandomNumberGenerator
    ) -> Verdict {
        switch answer {
        case .interrupted: return .released
        case .eventGone: return .discarded
        case .status(200..<300, _): return .delivered
        case .status(410, _): return .gone
        case .status, .failure: break
        }
        let hold = hold(answer, now: now)
        if let left = scheduledAt?.timeIntervalSince(now), left > 0 {
            return .early(until: max(.seconds(left), hold ?? .zero), hold: hold)
        }
        guard attempt < schedule.count else { return .failed(hold: hold) }
        // Never earlier than the schedule: a short `Retry-After`, repeated, would use up all attempts at once.
        return .retry(after: max(jittered(schedule[max(attempt, 1)], using: &random), hold ?? .zero), hold: hold)
    }

    private static func hold(_ answer: DeliveryAnswer, now: Date) -> Duration? {
        guard case .status(let code, let retryAfter?) = answer, [429, 502, 503, 504].contains(code),
            let pause = RetryAfter.pause(retryAfter, now: now), pause > .zero
        else { return nil }
        return min(pause, longestHold)
    }

    /// Ten per cent to either side, so that what failed together does not come back together.
    private static func jittered(_ delay: Duration, using random: inout some RandomNumberGenerator) -> Duration {
        delay * Double.random(in: 0.9...1.1, using: &random)
    }
}
