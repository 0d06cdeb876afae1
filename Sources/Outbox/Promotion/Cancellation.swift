public import Mail
public import Postgres

/// Takes back what has not been sent of a message.
public struct Cancellation: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// How many recipients were canceled, and for how many it was too late.
    public struct Answer: Equatable, Sendable {
        public let canceled: Int
        public let tooLate: Int

        public init(canceled: Int, tooLate: Int) {
            self.canceled = canceled
            self.tooLate = tooLate
        }
    }

    /// Cancels every recipient that waits in `ready` or `deferred`; an attempt with an unknown outcome is too late, unless it
    /// is held for a decision. Of a broadcast, a thousand at a time: what is sent meanwhile is too late.
    ///
    /// - Returns: nil when the tenant has no such message.
    public func cancel(_ id: MessageID, tenantID: Int32) async throws -> Answer? {
        let rows = try await pool.scoped(to: .tenant(tenantID)).query(
            """
            SELECT (SELECT count(*) FROM outbox
                    WHERE outbox.id BETWEEN \(id.uuid) AND last_of(\(id.uuid))
                      AND outbox.status <> \(MessageStatus.suppressed.rank))
            FROM message WHERE id = \(id.uuid) AND tenant_id = \(tenantID)
            """
        )
        guard let recipients = try rows.decode(Int.self).first else { return nil }
        var canceled = 0
        while true {
            let (entries, moved) = try await cancelSome(id, tenantID: tenantID)
            canceled += moved
            // A full pass is not the last, and neither is one that others were in the way of.
            if entries == 0 { return Answer(canceled: canceled, tooLate: recipients - canceled) }
        }
    }

    private func cancelSome(_ id: MessageID, tenantID: Int32) async throws -> (entries: Int, rows: Int) {
        try await pool.scoped(to: .tenant(tenantID)).query(
            """
            WITH mine AS (
                SELECT id, lane_id, priority FROM message WHERE id = \(id.uuid) AND tenant_id = \(tenantID)
            ), \(WaitingEntries.end("mine", with: .canceled, event: .canceled, endsHeld: true))
            SELECT (SELECT count(*) FROM owned), (SELECT count(*) FROM moved)
            """
        ).decode(Int.self, Int.self).first.map { (entries: $0.0, rows: $0.1) } ?? (0, 0)
    }
}
