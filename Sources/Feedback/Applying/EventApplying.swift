import Foundation
import Logging
import Mail
import Outbox
import Postgres

/// Applies events with the alarms that they raise, and counts what came of them: the same for those that had to wait.
enum EventApplying {
    /// In the caller's transaction.
    static func apply(_ events: [SESEvent], on connection: PostgresConnection) async throws -> [EvidenceResult] {
        let results = try await EvidenceStore.apply(events.map(\.evidence), on: connection)
        try await AlarmStore.raise(alarms(events, results), on: connection)
        return results
    }

    /// After the commit. What is unmatched is for the caller to count.
    static func count(_ events: [SESEvent], _ results: [EvidenceResult], logger: Logger) {
        let now = Date()
        for (event, result) in zip(events, results) {
            switch result {
            case .applied:
                FeedbackMetrics.applied(
                    event.evidence.type.rawValue,
                    lag: .milliseconds(Int64(now.timeIntervalSince(event.evidence.at) * 1000))
                )
            case .duplicate: FeedbackMetrics.duplicate()
            case .unmatched: break
            }
        }
        for (accountID, alarm) in alarms(events, results) {
            FeedbackMetrics.alarm(alarm.kind)
            logger.error(
                "an operator has to act on feedback",
                metadata: ["account_id": "\(accountID)", "kind": "\(alarm.kind.rawValue)", "object": "\(alarm.object)"]
            )
        }
    }

    private static func alarms(_ events: [SESEvent], _ results: [EvidenceResult]) -> [(Int32, OperatorAlarm)] {
        zip(events, results).compactMap { event, result in
            result == .applied ? event.alarm.map { (event.evidence.accountID, $0) } : nil
        }
    }
}
