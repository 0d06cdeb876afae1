import Foundation
import Gateway
import Postgres
import Synchronization

@testable import Outbox

/// Feeds in memory, by tenant.
final class TestFeed: FeedReading {
    private struct State {
        var entries: [Int32: [FeedEntry]] = [:]
        /// How far a feed goes, where its last events are gone.
        var heads: [Int32: Int64] = [:]
        /// The first places that are kept.
        var oldest: [Int32: Int64] = [:]
        var looks = 0
        var asked: [[Int32]] = []
        var failure: (any Error)?
    }

    private let state = Mutex(State())

    /// How often the ends of feeds were looked at.
    var looks: Int { state.withLock { $0.looks } }
    /// Whose, each time.
    var asked: [[Int32]] { state.withLock { $0.asked } }

    func fail(_ error: (any Error)?) { state.withLock { $0.failure = error } }

    /// Places without events, up to `seq`.
    func forget(upTo seq: Int64, tenantID: Int32 = 1) { state.withLock { $0.heads[tenantID] = seq } }

    func keep(from seq: Int64, tenantID: Int32 = 1) { state.withLock { $0.oldest[tenantID] = seq } }

    func oldest(tenantID: Int32) async throws -> Int64? { state.withLock { $0.oldest[tenantID] } }

    func publish(_ type: String = "email.sent", tenantID: Int32 = 1) {
        state.withLock { state in
            let last = max(state.entries[tenantID]?.last?.seq ?? 0, state.heads[tenantID] ?? 0)
            let entry = FeedEntry(
                seq: last + 1,
                sequencedAt: Date(timeIntervalSince1970: 0),
                event: EventReference(outboxID: PostgresUUID(high: 0, low: UInt64(last + 1)), identity: type),
                id: "event-\(last + 1)",
                type: type,
                timestamp: "2026-02-03T04:05:06.789Z",
                data: #"{"message_id": "m"}"#,
                subject: nil
            )
            state.entries[tenantID, default: []].append(entry)
            state.heads[tenantID] = last + 1
        }
    }

    func position(tenantID: Int32, after seq: Int64) async throws -> FeedPosition {
        FeedPosition(seq: seq, at: Date(timeIntervalSince1970: 0))
    }

    func page(tenantID: Int32, after position: FeedPosition, limit: Int) async throws -> FeedPage {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        let (all, head) = state.withLock { ($0.entries[tenantID] ?? [], $0.heads[tenantID] ?? 0) }
        let last = max(position.seq, min(position.seq + Int64(limit), head))
        return FeedPage(
            entries: all.filter { $0.seq > position.seq && $0.seq <= last },
            end: FeedPosition(seq: last, at: position.at),
            hasMore: last < head
        )
    }

    func heads(of tenantIDs: [Int32]) async throws -> [Int32: FeedPosition] {
        try state.withLock { state in
            state.looks += 1
            state.asked.append(tenantIDs)
            if let failure = state.failure { throw failure }
            return state.heads.filter { tenantIDs.contains($0.key) }.mapValues {
                FeedPosition(seq: $0, at: Date(timeIntervalSince1970: 0))
            }
        }
    }
}
