import Foundation
public import Mail
public import Postgres

/// Reads messages for their tenants. Every statement names the tenant.
public struct MessageReader: Sendable {
    /// Recipients that are shown at once.
    public static let page = 100

    private let pool: PostgresPool
    private let missingAfter: Duration

    /// - Parameter missingAfter: how long after a send some word of SES's should have come.
    public init(pool: PostgresPool, missingAfter: Duration = .seconds(900)) {
        self.pool = pool
        self.missingAfter = missingAfter
    }

    /// - Parameter after: of many recipients, those behind this one.
    /// - Returns: nil when the tenant has no such message.
    public func message(_ id: MessageID, tenantID: Int32, after: OutboxID? = nil) async throws -> MessageView? {
        let answers = try await pool.scoped(to: .tenant(tenantID)).pipeline([
            head(id, tenantID: tenantID), recipients(id, tenantID: tenantID, after: after),
            WaitingStatement.waiting(id, tenantID: tenantID), "SELECT now()",
        ])
        guard let head = answers[0].first else { return nil }
        let now = try answers[3].decode(Date.self).first ?? Date()
        let count = try head[10, as: Int.self]
        let recipients = try answers[1].prefix(Self.page).map { row in
            MessageView.Recipient(
                email: try row[0, as: String.self],
                kind: RecipientKind(rawValue: try row[1, as: String.self]) ?? .to,
                status: try row[7, as: Bool.self]
                    ? .sending : MessageStatus(rank: try row[2, as: Int16.self]) ?? .unknown,
                attempts: try row[3, as: Int.self],
                sesMessageID: try row[4, as: String?.self],
                detail: try row[5, as: String?.self],
                lastEvent: try row[8, as: String?.self].flatMap(EventType.init(rawValue:)),
                updatedAt: try row[6, as: Date.self],
                isFeedbackMissing: try row[9, as: Bool.self]
            )
        }
        var view = MessageView(
            id: id,
            region: try head[0, as: String.self],
            stream: try head[1, as: String.self],
            laneID: try head[2, as: Int32.self],
            from: try head[3, as: String.self],
            subject: try head[4, as: String?.self],
            tags: try head[5, as: String?.self],
            metadata: try head[6, as: String?.self],
            createdAt: try head[7, as: Date.self],
            scheduledAt: try head[8, as: Date?.self],
            expiresAt: try head[9, as: Date?.self],
            recipients: recipients,
            waiting: try answers[2].first.map { try MessageView.Waiting($0, now: now) }
        )
        view.isTest = try head[11, as: Bool.self]
        // Of some of them, the status of the message would be theirs.
        if count > Self.page || after != nil {
            view.crowd = MessageView.Crowd(
                recipients: count,
                summary: try await summary(id, tenantID: tenantID),
                next: answers[1].count > Self.page ? try Self.outboxID(answers[1][Self.page - 1], 10) : nil
            )
        }
        return view
    }

    private static func outboxID(_ row: Row, _ column: Int) throws -> OutboxID? {
        let uuid = try row[column, as: PostgresUUID.self]
        return OutboxID(high: uuid.high, low: uuid.low)
    }

    /// How many recipients have each status. What is being sent stands in claims, which are few.
    private func summary(_ id: MessageID, tenantID: Int32) async throws -> MessageSummary {
        let answers = try await pool.scoped(to: .tenant(tenantID)).pipeline([
            """
            SELECT status, count(*) FROM outbox
            WHERE id BETWEEN \(id.uuid) AND last_of(\(id.uuid)) AND tenant_id = \(tenantID) GROUP BY status
            """,
            """
            SELECT outbox.status, count(*) FROM claim CROSS JOIN LATERAL unnest(claim.entries) AS e (id)
            JOIN outbox ON outbox.id = e.id
            WHERE e.id BETWEEN \(id.uuid) AND last_of(\(id.uuid)) AND outbox.tenant_id = \(tenantID)
              AND outbox.status <= \(MessageStatus.queued.rank) AND claim.id IS DISTINCT FROM outbox.claim_id
            GROUP BY outbox.status
            """,
        ])
        var counts: [MessageStatus: Int] = [:]
        for (rank, rows) in try answers[0].decode(Int16.self, Int.self) {
            counts[MessageStatus(rank: rank) ?? .unknown, default: 0] += rows
        }
        for (rank, rows) in try answers[1].decode(Int16.self, Int.self) {
            counts[MessageStatus(rank: rank) ?? .unknown, default: 0] -= rows
            counts[.sending, default: 0] += rows
        }
        return MessageSummary(counts: counts)
    }

    private func head(_ id: MessageID, tenantID: Int32) -> SQL {
        """
        SELECT region, stream, lane_id, sender, subject, tags::text, metadata::text, created_at, scheduled_at, expires_at,
               recipients, test
        FROM message WHERE id = \(id.uuid) AND tenant_id = \(tenantID)
        """
    }

    /// `sending` is not stored: a row is being sent while an open claim without an outcome for it names it.
    private func recipients(_ id: MessageID, tenantID: Int32, after: OutboxID?) -> SQL {
        """
        SELECT email, kind, status, attempt, ses_message_id, detail, updated_at,
               status <= \(MessageStatus.queued.rank) AND EXISTS (
                   SELECT FROM claim
                   WHERE (outbox.id = ANY (entries) OR \(id.uuid) = ANY (entries))
                     AND claim.id IS DISTINCT FROM outbox.claim_id),
               (SELECT type FROM event WHERE outbox_id = outbox.id ORDER BY status DESC NULLS LAST, at DESC, id DESC LIMIT 1),
               status = \(MessageStatus.sent.rank) AND NOT heard AND updated_at < now() - \(missingAfter) AND EXISTS (
                   SELECT FROM message JOIN lane ON lane.id = message.lane_id JOIN share ON share.id = lane.share_id
                   JOIN account ON account.id = share.account_id
                   WHERE message.id = \(id.uuid)
                     AND (account.sqs_queue_url IS NOT NULL OR account.sns_topics <> '{}')), id
        FROM outbox
        WHERE id > \(after?.uuid ?? id.uuid) AND id <= last_of(\(id.uuid)) AND tenant_id = \(tenantID)
        ORDER BY outbox.id LIMIT \(Int32(Self.page + 1))
        """
    }

    /// What happened to a message's recipients, in order; of many, to those of a page. Nil when the tenant has no such message.
    ///
    /// The ids, times and statuses are the feed's. `queued` and `scheduled` are not stored: the message row says them, for
    /// all but those who were suppressed when the message was accepted.
    public func events(_ id: MessageID, tenantID: Int32, after: OutboxID? = nil) async throws -> MessageEventPage? {
        func page(_ most: Int) -> SQL {
            """
            (SELECT id, email FROM outbox
             WHERE id > \(after?.uuid ?? id.uuid) AND id <= last_of(\(id.uuid)) AND tenant_id = \(tenantID)
             ORDER BY id LIMIT \(Int32(most))) AS outbox
            """
        }
        let answers = try await pool.scoped(to: .tenant(tenantID)).pipeline([
            "SELECT created_at, scheduled_at FROM message WHERE id = \(id.uuid) AND tenant_id = \(tenantID)",
            """
            SELECT id, email, EXISTS (SELECT FROM event
                                      WHERE outbox_id = outbox.id AND identity = \(EventType.suppressed.rawValue))
            FROM \(page(Self.page + 1)) ORDER BY id
            """,
            """
            SELECT event.id::text, event.type, outbox.email, event.at, event.data::text, event.status
            FROM \(page(Self.page)) JOIN event ON event.outbox_id = outbox.id
            ORDER BY event.at, event.id
            """,
        ])
        guard let head = answers[0].first else { return nil }
        let accepted = try head[0, as: Date.self]
        let scheduled = try head[1, as: Date?.self]
        let found = try answers[1].decode(PostgresUUID.self, String.self, Bool.self)
        let rows = found.prefix(Self.page)
        let first = rows.filter { !$0.2 }.map { row in
            MessageEvent(
                id: OutboxID(high: row.0.high, low: row.0.low)?.description ?? id.description,
                type: scheduled == nil ? .queued : .scheduled,
                recipient: row.1,
                status: scheduled == nil ? .queued : .scheduled,
                at: accepted,
                data: nil
            )
        }
        let later = try answers[2].decode(String.self, String.self, String.self, Date.self, String?.self, Int16?.self)
            .compactMap { row in
                EventType(rawValue: row.1).map {
                    MessageEvent(
                        id: row.0,
                        type: $0,
                        recipient: row.2,
                        // As the feed has it, for events that were recorded without one.
                        status: row.5.flatMap(MessageStatus.init(rank:)) ?? .queued,
                        at: row.3,
                        data: row.4
                    )
                }
            }
        let last = found.count > Self.page ? rows.last.flatMap { OutboxID(high: $0.0.high, low: $0.0.low) } : nil
        return MessageEventPage(events: first + later, next: last)
    }
}
