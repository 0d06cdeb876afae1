import Foundation
import Gateway
import Mail
import Synchronization

@testable import Outbox

/// Lists and usage in memory, by tenant.
final class TestLists: MailListing, UsageReading, ContentReading, ReportReading {
    struct State {
        /// Newest first.
        var messages: [Int32: [ListedMessage]] = [:]
        var recipients: [Int32: [ListedRecipient]] = [:]
        /// Where the reader says that it stopped early.
        var edge: MessageID?
        var days: [Int32: [UsageDay]] = [:]
        var next: String?
        var rates: [LaneRate] = []
        /// By tenant.
        var contents: [Int32: [MessageID: KeptContent]] = [:]
        var reports: [Int32: WeeklyReport] = [:]
        /// What was asked for.
        var messageFilters: [MessageFilter] = []
        var recipientFilters: [RecipientFilter] = []
        var ranges: [String] = []
        var failure: (any Error)?
        /// What the next searches wait for, each for its own: a stream has one reader.
        var gates: [AsyncStream<Void>] = []
    }

    private let state = Mutex(State())
    /// A word for each search that began.
    let searches: AsyncStream<Void>
    private let search: AsyncStream<Void>.Continuation

    init() {
        (searches, search) = AsyncStream.makeStream()
    }

    var asked: State { state.withLock { $0 } }

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    func messages(
        tenantID: Int32,
        filter: MessageFilter,
        limit: Int,
        after: MessageID?,
        before: MessageID?
    ) async throws -> ListPage<ListedMessage, MessageID> {
        state.withLock { $0.messageFilters.append(filter) }
        let gate = state.withLock { $0.gates.popLast() }
        search.yield()
        if let gate { for await _ in gate { break } }
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            let all = state.messages[tenantID] ?? []
            let left = all.filter { item in
                after.map { item.id < $0 } ?? true && before.map { item.id > $0 } ?? true
            }
            return ListPage(
                items: Array(before == nil ? left.prefix(limit) : left.suffix(limit)),
                edge: left.count < limit ? state.edge : nil
            )
        }
    }

    func recipients(
        tenantID: Int32,
        filter: RecipientFilter,
        limit: Int,
        after: OutboxID?,
        before: OutboxID?
    ) async throws -> ListPage<ListedRecipient, OutboxID> {
        state.withLock { state in
            state.recipientFilters.append(filter)
            let left = (state.recipients[tenantID] ?? []).filter { item in
                after.map { item.id < $0 } ?? true && before.map { item.id > $0 } ?? true
            }
            return ListPage(items: Array(before == nil ? left.prefix(limit) : left.suffix(limit)))
        }
    }

    func usage(tenantID: Int32, from first: String, to last: String) async throws -> Usage {
        state.withLock { state in
            state.ranges.append("\(first)...\(last)")
            return Usage(
                days: state.days[tenantID] ?? [],
                next: state.next,
                hasMore: state.next != nil,
                countedUntil: Date(timeIntervalSince1970: 1_700_000_000)
            )
        }
    }

    func content(of id: MessageID, tenantID: Int32) async throws -> KeptContent? {
        state.withLock { $0.contents[tenantID]?[id] }
    }

    func report(tenantID: Int32, week: ReportWeek) async throws -> WeeklyReport {
        state.withLock { state in
            state.ranges.append("\(week)")
            return state.reports[tenantID] ?? WeeklyReport(week: week, days: [], countedUntil: week.end)
        }
    }

    func depths(tenantID: Int32, lanes: [Int32]) async throws -> [QueueDepth] { [] }

    func rates(tenantID: Int32, lanes: [Int32]) async throws -> [LaneRate] {
        state.withLock { $0.rates.filter { lanes.contains($0.laneID) } }
    }
}
