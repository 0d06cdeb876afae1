import Mail
import Postgres

/// The statements that write outcomes.
enum SettleStatement {
    /// Writes the outcomes of claims that are still open and returns the rows that it moved.
    ///
    /// The guard is (claim, row): an outcome counts once however often it is written, and is not refused because the
    /// node's lease has run out. All that follows from an outcome hangs on the row having been moved by it. The claims are
    /// locked first, as recovery does, and rows in the order of their ids, as evidence does, so that they meet in one order.
    /// What SES took has the identity that SES's own word for it has.
    static func settle(_ outcomes: [Outcome], finished: [Int64]) -> SQL {
        let o = OutcomeColumns(outcomes)
        return """
            WITH o AS (
                SELECT * FROM unnest(\(o.ids), \(o.entries), \(o.claims), \(o.statuses), \(o.attempts), \(o.sesIDs),
                                     \(o.details), \(o.next), \(o.lanes), \(o.priorities), \(o.recipients), \(o.delays),
                                     \(o.reasons), \(o.events), \(o.log.accounts), \(o.log.shares), \(o.log.nodes),
                                     \(o.log.epochs), \(o.log.attempts), \(o.log.starts), \(o.log.answers),
                                     \(o.log.outcomes))
                    AS o (id, entry, claim, status, attempt, ses_id, detail, next, lane_id, priority, recipients, delay,
                          reason, event, account_id, share_id, node, epoch, log_attempt, started_ns, answered_ns, outcome)
            ), open AS MATERIALIZED (
                SELECT id FROM claim WHERE id = ANY (\(Set(o.claims).sorted())) ORDER BY id FOR KEY SHARE
            ), moved AS (
                UPDATE outbox SET
                    status = greatest(o.status, CASE WHEN outbox.status >= \(MessageStatus.sent.rank)
                                                     THEN outbox.status ELSE 0 END),
                    attempt = o.attempt, claim_id = o.claim,
                    detail = CASE WHEN outbox.status >= \(MessageStatus.sent.rank) AND outbox.status > o.status
                                  THEN outbox.detail ELSE o.detail END,
                    ses_message_id = coalesce(o.ses_id, outbox.ses_message_id), updated_at = clock_timestamp()
                FROM o
                WHERE outbox.id = o.id AND outbox.claim_id IS DISTINCT FROM o.claim
                  AND o.claim = ANY (ARRAY(SELECT id FROM open))
                RETURNING o.*, outbox.tenant_id, outbox.status AS status_now,
                          outbox.status >= \(MessageStatus.sent.rank) AS is_settled
            ), to_ready AS (
                INSERT INTO ready (lane_id, priority, id, recipients)
                SELECT DISTINCT lane_id, priority, entry, recipients FROM moved
                WHERE next = \(OutcomeColumns.Next.ready.rawValue) AND NOT is_settled
                ON CONFLICT DO NOTHING
            ), to_deferred AS (
                INSERT INTO deferred (lane_id, due_at, id, priority, recipients, reason)
                SELECT DISTINCT ON (entry) lane_id, clock_timestamp() + delay * interval '1 second', entry, priority,
                       recipients, reason
                FROM moved WHERE next = \(OutcomeColumns.Next.deferred.rawValue) AND NOT is_settled
                ON CONFLICT DO NOTHING
            ), happened AS (
                SELECT tenant_id, id, event || ':' || coalesce(ses_id, claim::text) AS identity, event AS type,
                       status_now AS status,
                       jsonb_strip_nulls(jsonb_build_object('attempt', attempt, 'ses_message_id', ses_id,
                                                            'reason', detail)) AS data
                -- What SES has said meanwhile is not taken back by what we thought.
                FROM moved WHERE event IS NOT NULL AND (NOT is_settled OR event = \(EventType.sent.rawValue))
            ), \(EventRecord.record("happened")), mapped AS (
                INSERT INTO ses_id (outbox_id, ses_message_id) SELECT id, ses_id FROM moved WHERE ses_id IS NOT NULL
                ON CONFLICT DO NOTHING
            ), logged AS (
                INSERT INTO send_log (account_id, share_id, node, epoch, outbox_id, attempt, recipients, started_ns,
                                      answered_ns, outcome)
                -- From what was moved, and not joined to it: without hash joins that costs the square of the batch.
                SELECT account_id, share_id, node, epoch, entry, log_attempt, recipients, started_ns, answered_ns, outcome
                FROM moved WHERE account_id IS NOT NULL
            ), \(counted), closed AS (
                DELETE FROM claim WHERE id = ANY (\(finished))
            )
            SELECT id, claim FROM moved
            """
    }

    /// What SES took and had not said so yet. The first row of a call stands for its rows, as in the send log.
    private static let counted = ReputationNote.note(
        """
        (SELECT account_id, tenant_id, sum(recipients) AS sent, 0 AS bounced, 0 AS complained FROM moved
         WHERE account_id IS NOT NULL AND event = \(EventType.sent.rawValue)
           AND (id IN (SELECT outbox_id FROM told)) IS TRUE
         GROUP BY account_id, tenant_id)
        """
    )

    private static func countedLate(_ outcome: Outcome) -> SQL {
        guard let account = outcome.attempt?.accountID else { return "" }
        let source: SQL = """
            (SELECT \(account)::integer AS account_id, tenant_id, count(*) AS sent, 0 AS bounced, 0 AS complained
             FROM told GROUP BY tenant_id)
            """
        return ", \(ReputationNote.note(source))"
    }

    /// Evidence that came after the claim was given up as unknown: SES did take the call, or certainly did not.
    ///
    /// What SES took is `sent` whatever was guessed meanwhile. A resend that still waits is stopped by deleting its entry;
    /// one that is just being put back finds the status when it is claimed.
    static func late(_ outcome: Outcome, sesID: String?) -> [SQL] {
        let call = outcome.call
        let rows = call.rows.map(\.id.uuid)
        guard let sesID else { return [putBack(call, rows: rows)] }
        let isDone: SQL = """
            NOT EXISTS (SELECT FROM outbox
                        WHERE outbox.id BETWEEN \(call.entry.uuid) AND last_of(\(call.entry.uuid))
                          AND outbox.id <> ALL (\(rows)) AND outbox.status < \(MessageStatus.expired.rank))
            """
        return [
            // The queues come first, as for everybody who takes an entry out of them.
            "DELETE FROM deferred WHERE id = \(call.entry.uuid) AND \(isDone)",
            """
            DELETE FROM ready
            WHERE lane_id = \(call.laneID) AND priority = \(call.priority.rawValue) AND id = \(call.entry.uuid) AND \(isDone)
            """,
            """
            WITH r AS (
                SELECT id FROM unnest(\(rows)) AS r (id) ORDER BY id
            ), moved AS (
                UPDATE outbox SET status = greatest(status, \(MessageStatus.sent.rank)),
                    ses_message_id = coalesce(ses_message_id, \(sesID)),
                    detail = CASE WHEN status > \(MessageStatus.sent.rank) THEN detail END, updated_at = clock_timestamp()
                FROM r WHERE outbox.id = r.id
                RETURNING outbox.tenant_id, outbox.id, outbox.status
            ), mapped AS (
                INSERT INTO ses_id (outbox_id, ses_message_id) SELECT id, \(sesID) FROM r ON CONFLICT DO NOTHING
            ), happened AS (
                SELECT tenant_id, id, \(Evidence.sentIdentity(sesID)) AS identity, \(EventType.sent.rawValue) AS type, status,
                       jsonb_build_object('ses_message_id', \(sesID)::text) AS data
                FROM moved
            ), \(EventRecord.record("happened"))\(countedLate(outcome))
            SELECT count(*) FROM told
            """,
        ]
    }

    /// The recipients were not sent to, because they were suppressed before: nothing of theirs is unknown.
    static func lateSuppressed(_ call: ClaimedCall) -> SQL {
        let type = EventType.suppressed.rawValue
        return """
            WITH moved AS (
                UPDATE outbox SET status = \(MessageStatus.suppressed.rank), attempt = attempt - 1, detail = NULL,
                    updated_at = clock_timestamp()
                FROM (SELECT id FROM unnest(\(call.rows.map(\.id.uuid))) AS r (id) ORDER BY id) AS r
                WHERE outbox.id = r.id AND outbox.claim_id = \(call.claimID)
                  AND outbox.status = \(MessageStatus.unknown.rank)
                RETURNING outbox.tenant_id, outbox.id, outbox.status
            ), happened AS (
                SELECT tenant_id, id, \(type) || ':' || \(call.claimID)::bigint AS identity, \(type) AS type, status,
                       NULL::jsonb AS data
                FROM moved
            ), \(EventRecord.record("happened"))
            SELECT count(*) FROM told
            """
    }

    private static func putBack(_ call: ClaimedCall, rows: [PostgresUUID]) -> SQL {
        """
        WITH mine AS (
            SELECT outbox.id FROM unnest(\(rows)) AS r (id) JOIN outbox ON outbox.id = r.id
            WHERE outbox.claim_id = \(call.claimID) AND outbox.status = \(MessageStatus.unknown.rank)
        ), kept AS (
            DELETE FROM deferred WHERE id = \(call.entry.uuid) AND EXISTS (SELECT FROM mine)
            RETURNING lane_id, priority, id, recipients
        ), back AS (
            INSERT INTO ready (lane_id, priority, id, recipients) SELECT lane_id, priority, id, recipients FROM kept
            ON CONFLICT DO NOTHING
        )
        UPDATE outbox SET status = \(MessageStatus.queued.rank), updated_at = clock_timestamp()
        FROM mine WHERE outbox.id = mine.id AND EXISTS (SELECT FROM kept)
        """
    }
}

extension Outcome.Result {
    var logName: String {
        switch self {
        case .sent: "sent"
        case .unknown: "unknown"
        case .returned, .postponed, .retry, .failed, .expired, .superseded, .suppressed: "not_sent"
        }
    }
}
