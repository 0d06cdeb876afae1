import Foundation
import Logging
import Mail
import Outbox
import Postgres

/// Writes batches of events, and says what became of each.
struct EventWriter: Sendable {
    /// What became of one event. Only `postponed` is not durable.
    enum Fate: Sendable {
        case written
        /// Not ours, or not yet: it waits.
        case unmatched
        /// The database takes no such value.
        case refused
        /// The database is away, or there is no room to wait in.
        case postponed
    }

    let pool: PostgresPool
    /// Pieces of evidence in one statement.
    let slice: Int
    let unjoined: UnjoinedLimits
    /// Nil: no traces are recorded.
    var tracing: EventTracing?
    let logger: Logger

    /// In the order of the events.
    func write(_ events: [SESEvent]) async -> [Fate] {
        var fates: [Fate] = []
        var start = 0
        while start < events.count {
            let end = min(start + slice, events.count)
            fates += await write(slice: Array(events[start..<end]))
            start = end
        }
        return fates
    }

    /// A slice that the server refuses for its data is halved, so that one poisonous event fails alone. That one gets a
    /// second try: it may have met the removal of its tenant.
    private func write(slice events: [SESEvent], isLastTry: Bool = false) async -> [Fate] {
        do {
            return try await writeOnce(events)
        } catch  where DatabaseAvailability.isRefusal(error) {
            if events.count > 1 {
                let middle = events.count / 2
                return await write(slice: Array(events[..<middle])) + write(slice: Array(events[middle...]))
            }
            if !isLastTry { return await write(slice: events, isLastTry: true) }
            logger.error(
                "an event cannot be written",
                metadata: ["ses_message_id": "\(events[0].evidence.sesMessageID)", "error": "\(error)"]
            )
            return [.refused]
        } catch {
            logger.warning("feedback not written", metadata: ["events": "\(events.count)", "error": "\(error)"])
            return events.map { _ in .postponed }
        }
    }

    private func writeOnce(_ events: [SESEvent]) async throws -> [Fate] {
        let started = ContinuousClock.now
        let hasAlarm = events.contains { $0.alarm != nil }
        let results =
            hasAlarm
            ? try await pool.withTransaction { try await EventApplying.apply(events, on: $0) }
            : try await EvidenceStore(pool: pool).apply(events.map(\.evidence))
        EventApplying.count(events, results, logger: logger)
        await tracing?.applied(events, results, from: started, to: .now)
        var fates = [Fate](repeating: .written, count: events.count)
        var waiting: [(index: Int, event: SESEvent)] = []
        for (index, pair) in zip(events, results).enumerated() where pair.1 == .unmatched {
            fates[index] = .unmatched
            if mayWait(pair.0) { waiting.append((index, pair.0)) } else { FeedbackMetrics.notOurs() }
        }
        let full = try await WaitingStore.keep(
            waiting.map(\.event),
            for: unjoined.wait,
            rows: unjoined.rows,
            in: pool
        )
        for (index, event) in waiting where full.contains(event.evidence.accountID) { fates[index] = .postponed }
        return fates
    }

    /// Whether its row may still come: it has no tag, and its mail was sent just now.
    private func mayWait(_ event: SESEvent) -> Bool {
        event.evidence.entry == nil
            && Date().timeIntervalSince(event.mailedAt) < Double(unjoined.wait.components.seconds)
    }
}
