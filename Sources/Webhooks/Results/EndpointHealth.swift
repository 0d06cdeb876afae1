import Foundation
import Postgres

/// What a batch of results changes about one endpoint's health.
struct EndpointHealth: Sendable, Equatable {
    let endpointID: PostgresUUID
    /// Whether it succeeded, so that failures before count no more.
    let hasSucceeded: Bool
    /// Successes behind the last failure.
    let successes: Int
    let hasFailed: Bool
    /// Failures behind the last success.
    let failures: Int
    /// The first of them.
    let failingSince: Date?
    /// When the oldest event among them came into the feed.
    let failingFrom: Date?
    let hold: Duration?
    let isGone: Bool

    /// The changes of a batch, in the order of the endpoints' ids, in which rows are locked. A success of an endpoint that
    /// was well changes nothing.
    static func changes(_ results: [DeliveryResult]) -> [EndpointHealth] {
        Dictionary(grouping: results, by: \.delivery.endpointID)
            .compactMap { EndpointHealth($0.key, $0.value) }
            .sorted { ($0.endpointID.high, $0.endpointID.low) < ($1.endpointID.high, $1.endpointID.low) }
    }

    private init?(_ endpointID: PostgresUUID, _ results: [DeliveryResult]) {
        var (hasSucceeded, wasFailing, isGone) = (false, false, false)
        var (failures, successes, hasFailed) = (0, 0, false)
        var failingSince: Date?
        var failingFrom: Date?
        var hold: Duration?
        for result in results {
            wasFailing =
                wasFailing || result.delivery.failures > 0 || result.delivery.isRecovering || failures > 0
            switch result.verdict {
            case .delivered:
                hasSucceeded = true
                successes += 1
                failures = 0
                failingSince = nil
                failingFrom = nil
            case .retry, .early, .failed, .gone:
                failures += 1
                successes = 0
                hasFailed = true
                failingSince = failingSince ?? result.at
                failingFrom = [failingFrom, result.delivery.message?.sequencedAt].compactMap(\.self).min()
                isGone = isGone || result.verdict == .gone
                if let pause = result.hold { hold = max(hold ?? .zero, pause) }
            case .released, .discarded: break
            }
        }
        guard failures > 0 || hasSucceeded && wasFailing else { return nil }
        self.endpointID = endpointID
        self.hasSucceeded = hasSucceeded
        self.successes = successes
        self.hasFailed = hasFailed
        self.failures = failures
        self.failingSince = failingSince
        self.failingFrom = failingFrom
        self.hold = hold
        self.isGone = isGone
    }
}
