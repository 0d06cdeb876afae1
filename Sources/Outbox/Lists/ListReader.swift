import Foundation
public import Mail
public import Postgres

/// Lists a tenant's mail, newest first. Every statement names the tenant.
///
/// However much there is, a call looks at so many candidates and no more; what it has found by then it answers, with how far it came.
public struct ListReader: Sendable {
    /// Messages, or recipients where their status is asked for, that one call looks at.
    public static let bound = 10_000
    /// The same where the disk is too slow for that many.
    private static let leastBound = 500
    /// Recipients whose statuses one page of messages adds up; it ends with the message that reaches it.
    private static let addedUp = 100_000
    private static let timeout = Duration.seconds(2)
    /// The planner is to find the plan that looks at the fewest rows. With a price on pages it would rather go through everybody's mail
    /// in its order than through that of a tenant who has much of it, however long ago that was.
    static let planning = "SET LOCAL seq_page_cost = 0; SET LOCAL random_page_cost = 0"

    private let pool: PostgresPool
    private let bound: Int

    /// - Parameter pool: one of its own, so that no search keeps mail from being accepted.
    public init(pool: PostgresPool) {
        self.init(pool: pool, bound: Self.bound)
    }

    init(pool: PostgresPool, bound: Int) {
        self.pool = pool
        self.bound = bound
    }

    /// Up to `limit` messages. Where few of many pass the filter, it may be fewer although there are more: see `edge`.
    ///
    /// - Parameters:
    ///   - after: only what comes after this one in the list: older ones.
    ///   - before: only what comes before it: newer ones, those next to it.
    public func messages(
        tenantID: Int32,
        filter: MessageFilter,
        limit: Int,
        after: MessageID?,
        before: MessageID?
    ) async throws -> ListPage<ListedMessage, MessageID> {
        let range = IDRange(from: filter.createdAfter, before: filter.createdBefore)
            .beyond(after: after?.uuid, before: before.map { PostgresUUID(high: $0.high, low: $0.low | 0xFFFF) })
        let search = MessageSearch(tenantID: tenantID, filter: filter, isAscending: before != nil)
        return try await reading(tenantID) { connection, bound in
            let result = try await ListWalk(search: search, limit: limit, bound: bound)
                .run(over: range, now: Date(), on: connection)
            var edge = result.edge.flatMap { MessageID(high: $0.high, low: $0.low) }
            guard !result.ids.isEmpty else { return ListPage(items: [], edge: edge) }
            var messages = try await Self.heads(of: result.ids, tenantID: tenantID, on: connection)
            let shown = Self.prefix(of: messages)
            if shown < messages.count {
                messages.removeSubrange(shown...)
                edge = messages.last?.id
            }
            try await Self.complete(&messages, tenantID: tenantID, on: connection)
            return ListPage(items: before == nil ? messages : messages.reversed(), edge: edge)
        }
    }

    /// Up to `limit` recipients, as `messages` does it.
    public func recipients(
        tenantID: Int32,
        filter: RecipientFilter,
        limit: Int,
        after: OutboxID?,
        before: OutboxID?
    ) async throws -> ListPage<ListedRecipient, OutboxID> {
        let range = IDRange(from: filter.createdAfter, before: filter.createdBefore)
            .beyond(after: after?.uuid, before: before?.uuid)
        let search = RecipientSearch(tenantID: tenantID, filter: filter, isAscending: before != nil)
        return try await reading(tenantID) { connection, bound in
            let result = try await ListWalk(search: search, limit: limit, bound: bound)
                .run(over: range, now: Date(), on: connection)
            let edge = result.edge.flatMap { Self.edge($0, isAscending: search.isAscending) }
            guard !result.ids.isEmpty else { return ListPage(items: [], edge: edge) }
            let statement = RecipientDetails.statement(result.ids, tenantID: tenantID)
            let items = try await connection.query(statement, prepared: false).compactMap { try ListedRecipient($0) }
            return ListPage(items: items, edge: edge)
        }
    }

    private func reading<Value>(_ tenantID: Int32, _ body: (PostgresConnection, Int) async throws -> Value) async throws
        -> Value
    {
        func read(_ bound: Int) async throws -> Value {
            try await pool.scoped(to: .tenant(tenantID)).withReading(statementsWithin: Self.timeout) { connection in
                try await connection.execute(Self.planning)
                return try await body(connection, bound)
            }
        }
        do {
            return try await read(bound)
        } catch  where bound > Self.leastBound && DatabaseAvailability.isTooSlow(error) {
            return try await read(Self.leastBound)
        }
    }

    /// In the order of the ids.
    private static func heads(
        of ids: [PostgresUUID],
        tenantID: Int32,
        on connection: PostgresConnection
    ) async throws -> [ListedMessage] {
        let statement = MessageDetails(tenantID: tenantID, ids: ids).heads
        let messages = try await connection.query(statement, prepared: false).compactMap { try ListedMessage($0) }
        let known = Dictionary(messages.map { ($0.id.uuid, $0) }) { first, _ in first }
        return ids.compactMap { known[$0] }
    }

    /// How many of the messages a page shows: one, and as many more as have few enough recipients.
    private static func prefix(of messages: [ListedMessage]) -> Int {
        var recipients = 0
        for (index, message) in messages.enumerated() {
            recipients += message.recipients
            if index > 0, recipients > addedUp { return index }
        }
        return messages.count
    }

    /// Adds to each message whom it goes to and what became of that.
    private static func complete(
        _ messages: inout [ListedMessage],
        tenantID: Int32,
        on connection: PostgresConnection
    ) async throws {
        let details = MessageDetails(tenantID: tenantID, ids: messages.map(\.id.uuid))
        let statuses = try await connection.query(details.statuses, prepared: false)
            .decode(PostgresUUID.self, Int16.self, Int.self)
        let addresses = try await connection.query(details.addresses, prepared: false)
            .decode(PostgresUUID.self, [String].self)
        var counts: [PostgresUUID: [MessageStatus: Int]] = [:]
        for (id, rank, rows) in statuses {
            counts[id, default: [:]][MessageStatus(rank: rank) ?? .unknown, default: 0] += rows
        }
        let to = Dictionary(addresses.map { ($0.0, $0.1) }) { first, _ in first }
        for index in messages.indices {
            let id = messages[index].id.uuid
            messages[index].summary = MessageSummary(counts: counts[id] ?? [:])
            messages[index].to = to[id] ?? []
        }
    }

    /// The place to go on from: a row, or behind all rows of a message that was looked through.
    static func edge(_ id: PostgresUUID, isAscending: Bool) -> OutboxID? {
        OutboxID(high: id.high, low: id.low)
            ?? MessageID(high: id.high, low: id.low)?.outbox(isAscending ? 0xFFFF : 1)
    }
}
