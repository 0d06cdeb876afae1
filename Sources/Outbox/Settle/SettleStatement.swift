import Mail
import Postgres

/// The statements that write outcomes.
enum SettleStatement {
    /// Writes the outcomes of claims that are still open and returns the rows that it moved.
    ///
    /// The guard is (claim, row): an outcome counts once however often it is written, and is not refused because the
    /// node's lease has run out. All that follows from an outcome hangs on the row having been moved by it.
    static func settle(_ outcomes: [Outcome], finished: [Int64], node: String, epoch: Int64) -> SQL {
        let o = OutcomeColumns(outcomes)
        let logged = outcomes.filter { $0.attempt != nil }
        return """
            WITH o AS (
                SELECT * FROM unnest(\(o.ids), \(o.entries), \(o.claims), \(o.statuses), \(o.attempts), \(o.sesIDs),
                                     \(o.details), \(o.next), \(o.lanes), \(o.priorities), \(o.recipients), \(o.delays),
                                     \(o.reasons), \(o.events))
                    AS o (id, entry, claim, status, attempt, ses_id, detail, next, lane_id, priority, recipients, delay,
                          reason, event)
            ), moved AS (
                UPDATE outbox SET
                    status = greatest(o.status, CASE WHEN outbox.status >= \(MessageStatus.sent.rank)
                                                     THEN outbox.status ELSE 0 END),
                    attempt = o.attempt, claim_id = o.claim, detail = o.detail,
                    ses_message_id = coalesce(o.ses_id, outbox.ses_message_id), updated_at = clock_timestamp()
                FROM o
                WHERE outbox.id = o.id AND outbox.claim_id IS DISTINCT FROM o.claim
                  AND EXISTS (SELECT FROM claim WHERE claim.id = o.claim)
                RETURNING o.*
            ), to_ready AS (
                INSERT INTO ready (lane_id, priority, id, recipients)
                SELECT DISTINCT lane_id, priority, entry, recipients FROM moved
                WHERE next = \(OutcomeColumns.Next.ready.rawValue)
            ), to_deferred AS (
                INSERT INTO deferred (lane_id, due_at, id, priority, recipients, reason)
                SELECT DISTINCT ON (entry) lane_id, clock_timestamp() + delay * interval '1 second', entry, priority,
                       recipients, reason
                FROM moved WHERE next = \(OutcomeColumns.Next.deferred.rawValue)
            ), told AS (
                INSERT INTO event (outbox_id, identity, id, type, data)
                SELECT id, event || ':' || claim, new_id(), event,
                       jsonb_strip_nulls(jsonb_build_object('attempt', attempt, 'ses_message_id', ses_id,
                                                            'reason', detail))
                FROM moved WHERE event IS NOT NULL
                ON CONFLICT DO NOTHING
            ), mapped AS (
                INSERT INTO ses_id (outbox_id, ses_message_id) SELECT id, ses_id FROM moved WHERE ses_id IS NOT NULL
                ON CONFLICT DO NOTHING
            ), logged AS (
                INSERT INTO send_log (account_id, share_id, node, epoch, outbox_id, attempt, recipients, started_ns,
                                      answered_ns, outcome)
                SELECT l.account_id, l.share_id, \(node), \(epoch), l.entry, l.attempt, l.recipients, l.started_ns,
                       l.answered_ns, l.outcome
                FROM unnest(\(logged.compactMap(\.attempt?.accountID)), \(logged.compactMap(\.attempt?.shareID)),
                            \(logged.map(\.call.entry.uuid)), \(logged.map { ($0.call.rows.first?.attempt ?? 0) &+ 1 }),
                            \(logged.map { Int16($0.call.rows.count) }), \(logged.compactMap(\.attempt?.startedAt)),
                            \(logged.compactMap(\.attempt?.answeredAt)), \(logged.map(\.result.logName)),
                            \(logged.map(\.call.claimID)))
                    AS l (account_id, share_id, entry, attempt, recipients, started_ns, answered_ns, outcome, claim)
                WHERE EXISTS (SELECT FROM moved WHERE moved.entry = l.entry AND moved.claim = l.claim)
            ), closed AS (
                DELETE FROM claim WHERE id = ANY (\(finished))
            )
            SELECT id, claim FROM moved
            """
    }

    /// Evidence that came after the claim was given up as unknown: SES did take the row, or certainly did not.
    ///
    /// If the row still waits for its resend, whoever deletes its queue entry owns it, as ever.
    static func late(_ row: OutboxID, entry: EntryID, claim: Int64, sesID: String?) -> [SQL] {
        if let sesID {
            return [
                """
                WITH mine AS (
                    SELECT outbox.id, lane_id, priority FROM outbox JOIN message ON message.id = message_of(outbox.id)
                    WHERE outbox.id = \(row.uuid) AND outbox.claim_id = \(claim)
                      AND outbox.status IN (\(MessageStatus.unknown.rank), \(MessageStatus.queued.rank))
                ), kept AS (
                    DELETE FROM deferred WHERE id = \(entry.uuid) AND EXISTS (SELECT FROM mine) RETURNING id
                ), taken AS (
                    DELETE FROM ready USING mine
                    WHERE ready.lane_id = mine.lane_id AND ready.priority = mine.priority AND ready.id = \(entry.uuid)
                    RETURNING ready.id
                )
                UPDATE outbox SET status = \(MessageStatus.sent.rank), updated_at = clock_timestamp()
                FROM mine
                WHERE outbox.id = mine.id AND (EXISTS (SELECT FROM kept) OR EXISTS (SELECT FROM taken))
                """,
                """
                UPDATE outbox SET ses_message_id = coalesce(ses_message_id, \(sesID)) WHERE id = \(row.uuid)
                """,
                """
                INSERT INTO ses_id (outbox_id, ses_message_id) VALUES (\(row.uuid), \(sesID)) ON CONFLICT DO NOTHING
                """,
                """
                INSERT INTO event (outbox_id, identity, id, type, data)
                VALUES (\(row.uuid), \(EventType.sent.rawValue) || ':' || \(claim), new_id(), \(EventType.sent.rawValue),
                        jsonb_build_object('ses_message_id', \(sesID)::text))
                ON CONFLICT DO NOTHING
                """,
            ]
        }
        return [
            """
            WITH mine AS (
                SELECT id FROM outbox
                WHERE id = \(row.uuid) AND claim_id = \(claim) AND status = \(MessageStatus.unknown.rank)
            ), kept AS (
                DELETE FROM deferred WHERE id = \(entry.uuid) AND EXISTS (SELECT FROM mine)
                RETURNING lane_id, priority, id, recipients
            ), back AS (
                INSERT INTO ready (lane_id, priority, id, recipients) SELECT lane_id, priority, id, recipients FROM kept
            )
            UPDATE outbox SET status = \(MessageStatus.queued.rank), updated_at = clock_timestamp()
            FROM mine WHERE outbox.id = mine.id AND EXISTS (SELECT FROM kept)
            """
        ]
    }
}

extension Outcome.Result {
    var logName: String {
        switch self {
        case .sent: "sent"
        case .unknown: "unknown"
        case .returned, .retry, .failed, .expired: "not_sent"
        }
    }
}
