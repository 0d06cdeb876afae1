import Foundation
import Mail
import Postgres

/// The statement that applies evidence.
enum EvidenceStatement {
    /// Finds the rows that a batch of evidence is about, locks them in the order of their ids (as settling does, so that the
    /// two never wait for each other in a circle), records what is new, and moves status, queue and suppression by it.
    /// Returns (place in the batch, whether it was new) for every row that was found.
    ///
    /// A tag goes before the SES message id: it is there before the answer to the call is written. A tag that names one row
    /// means that row, whatever address the event has: mail is forwarded.
    static func apply(_ batch: [Evidence]) -> SQL {
        let e = Pieces(batch)
        let sent = MessageStatus.sent.rank
        return """
            WITH e AS (
                SELECT * FROM unnest(\(e.places), \(e.accounts), \(e.entries), \(e.sesIDs), \(e.recipients), \(e.types),
                                     \(e.identities), \(e.times), \(e.data), \(e.ranks), \(e.suppressions), \(e.attempts),
                                     \(e.harms))
                    AS e (place, account_id, entry, ses_id, recipient, type, identity, at, data, rank, suppression, attempt,
                          harm)
            ), named AS (
                SELECT e.*, o.id, o.email FROM e CROSS JOIN LATERAL (
                    SELECT o.*, count(*) FILTER (WHERE NOT is_left_out) OVER () AS rows,
                           \(Self.isErased("o", among: "NOT is_left_out"))
                    FROM (SELECT id, email, status,
                                 status = \(MessageStatus.suppressed.rank) AND attempt < coalesce(e.attempt, 1) AS is_left_out
                          FROM outbox WHERE outbox.id BETWEEN e.entry AND last_of(e.entry) OFFSET 0) AS o
                ) AS o
                WHERE e.entry IS NOT NULL
                  AND (e.entry = o.id OR lower(o.email) = e.recipient
                       OR NOT o.is_left_out AND (e.recipient IS NULL OR o.rows = 1 OR o.is_erased))
                  -- Who is known to have been sent to need not be proven to be.
                  AND (e.place > 0 OR o.status < \(sent))
                UNION ALL
                SELECT e.*, o.id, o.email FROM e CROSS JOIN LATERAL (
                    SELECT outbox.id, outbox.email, count(*) OVER () AS rows, \(Self.isErased("outbox", among: "true"))
                    FROM ses_id JOIN outbox ON outbox.id = ses_id.outbox_id
                    WHERE ses_id.ses_message_id = e.ses_id OFFSET 0
                ) AS o
                WHERE e.entry IS NULL
                  AND (e.recipient IS NULL OR o.rows = 1 OR lower(o.email) = e.recipient OR o.is_erased)
            ), target AS MATERIALIZED (
                SELECT * FROM named WHERE account_id = (
                    -- Not joined, or the planner starts from the account's shares.
                    SELECT share.account_id FROM message
                    JOIN lane ON lane.id = message.lane_id JOIN share ON share.id = lane.share_id
                    WHERE message.id = message_of(named.id))
            ), locked AS MATERIALIZED (
                SELECT t.*, outbox.tenant_id, outbox.status AS status_before, outbox.heard, outbox.ses_message_id
                FROM (SELECT * FROM target ORDER BY id, place) AS t JOIN outbox ON outbox.id = t.id
                FOR UPDATE OF outbox
            ), happened AS MATERIALIZED (
                SELECT place, account_id, ses_id, recipient, type, identity, at, rank, suppression, harm, id, email, tenant_id,
                       status_before, heard, ses_message_id,
                       -- Late word about an address that was erased must not bring it back.
                       CASE WHEN is_pseudonym(email) THEN bare_event(data::jsonb) ELSE data::jsonb END AS data,
                       greatest(status_before, max(rank) OVER (PARTITION BY id ORDER BY place)) AS status
                FROM locked
            ), told AS (
                INSERT INTO event (tenant_id, outbox_id, identity, id, type, status, data, at)
                SELECT tenant_id, id, identity, new_id(), type, status,
                       CASE WHEN place = 0 THEN jsonb_build_object('ses_message_id', ses_id) ELSE data END, at
                FROM happened ORDER BY id, place
                ON CONFLICT DO NOTHING
                RETURNING tenant_id, outbox_id, identity
            ), \(EventRecord.note("told")), fresh AS MATERIALIZED (
                -- IS TRUE keeps the planner from a join, which would compare every row with every other.
                SELECT DISTINCT ON (h.id, h.identity) h.* FROM happened AS h
                WHERE ((h.id, h.identity) IN (SELECT outbox_id, identity FROM told)) IS TRUE
                ORDER BY h.id, h.identity, h.place
            ), best AS (
                SELECT DISTINCT ON (id) id, status, ses_id, rank, data ->> 'reason' AS reason FROM fresh
                ORDER BY id, status DESC, rank DESC
            ), heard AS (
                -- Known from our own settling, and the first word of SES itself.
                UPDATE outbox SET heard = true
                FROM (SELECT DISTINCT id FROM locked WHERE NOT heard ORDER BY id) AS first
                WHERE outbox.id = first.id AND (first.id IN (SELECT id FROM best)) IS NOT TRUE
            ), moved AS (
                UPDATE outbox SET heard = true, status = greatest(outbox.status, best.status),
                    detail = CASE WHEN outbox.status < best.rank THEN best.reason ELSE outbox.detail END,
                    ses_message_id = coalesce(outbox.ses_message_id, best.ses_id), updated_at = clock_timestamp()
                FROM best WHERE outbox.id = best.id
            ), mapped AS (
                INSERT INTO ses_id (outbox_id, ses_message_id)
                SELECT DISTINCT id, ses_id FROM fresh WHERE ses_message_id IS DISTINCT FROM ses_id
                ON CONFLICT DO NOTHING
            ), known AS (
                -- The outcome is known: its grace is over, and nobody sends it again.
                -- What promotion has locked is its own: it finds the status when it gets to the row.
                DELETE FROM deferred WHERE ctid = ANY (ARRAY(
                    SELECT d.ctid
                    FROM (SELECT id FROM fresh WHERE rank >= \(sent)
                          UNION SELECT message_of(id) FROM fresh WHERE rank >= \(sent)) AS f
                    JOIN deferred AS d ON d.id = f.id AND d.reason IN \(DeferredReason.inDoubt)
                    FOR UPDATE OF d SKIP LOCKED))
            ), unwanted AS MATERIALIZED (
                SELECT DISTINCT ON (fresh.tenant_id, lower(fresh.email)) fresh.tenant_id, lower(fresh.email) AS email,
                       fresh.suppression AS reason, fresh.data ->> 'reason' AS detail, fresh.id, fresh.account_id
                FROM fresh JOIN tenant ON tenant.id = fresh.tenant_id
                WHERE fresh.suppression IS NOT NULL
                ORDER BY fresh.tenant_id, lower(fresh.email), fresh.suppression DESC
            ), suppressed AS (
                INSERT INTO suppression (tenant_id, email, reason, detail, outbox_id)
                SELECT tenant_id, email, reason, detail, id FROM unwanted
                ON CONFLICT DO NOTHING
            ), mirrored AS (
                INSERT INTO suppression_mirror (account_id, email, reason)
                SELECT DISTINCT ON (account_id, email) account_id, email, unwanted.reason
                FROM unwanted JOIN account ON account.id = unwanted.account_id AND account.mirror_suppressions
                WHERE NOT is_pseudonym(email)
                ORDER BY account_id, email, unwanted.reason DESC
                ON CONFLICT (account_id, email) DO UPDATE SET
                    reason = excluded.reason, removes = false, version = suppression_mirror.version + 1, attempts = 0,
                    due_at = now()
                WHERE suppression_mirror.removes
            ), \(counted)
            SELECT h.place, bool_or((h.id, h.place) IN (SELECT id, place FROM fresh)) FROM happened AS h GROUP BY h.place
            """
    }

    /// A column: whether the event must be about this row, because the call's other rows have their addresses still, and none of
    /// them is the event's. Of several that were erased nobody can tell which it is.
    private static func isErased(_ row: String, among condition: String) -> SQL {
        """
        is_pseudonym(\(raw: row).email)
            AND count(*) FILTER (WHERE is_pseudonym(\(raw: row).email) AND \(raw: condition)) OVER () = 1
            AND NOT bool_or(lower(\(raw: row).email) = e.recipient) OVER () AS is_erased
        """
    }

    /// What is new and counts in its sender's standing. Tests never do. What comes back of mail that was sent before its tenant's
    /// counts began anew (`MailTally`) is everybody's alone, which is tenant 0.
    private static let counted = ReputationNote.note(
        """
        (SELECT account_id, CASE WHEN is_past THEN 0 ELSE tenant_id END AS tenant_id,
                count(*) FILTER (WHERE type = \(EventType.sent.rawValue)) AS sent,
                count(*) FILTER (WHERE harm = \(Evidence.Harm.bounce.rawValue)) AS bounced,
                count(*) FILTER (WHERE harm = \(Evidence.Harm.complaint.rawValue)) AS complained
         FROM (SELECT fresh.*, harm IS NOT NULL AND coalesce((
                   SELECT sent.at FROM event AS sent
                   WHERE sent.outbox_id = fresh.id AND sent.identity = \(EventType.sent.rawValue) || ':' || fresh.ses_id
               ) < (SELECT to_timestamp((tally ->> 'from')::bigint) FROM reputation AS own
                    WHERE own.account_id = fresh.account_id AND own.tenant_id = fresh.tenant_id), false) AS is_past
               FROM fresh WHERE type = \(EventType.sent.rawValue) OR harm IS NOT NULL) AS f
         GROUP BY account_id, tenant_id, is_past
         HAVING NOT EXISTS (SELECT FROM tenant WHERE tenant.id = f.tenant_id AND tenant.test_of IS NOT NULL))
        """
    )

    /// A batch as columns.
    private struct Pieces {
        var places: [Int64] = []
        var accounts: [Int32] = []
        var entries: [PostgresUUID?] = []
        var sesIDs: [String] = []
        var recipients: [String?] = []
        var types: [String] = []
        var identities: [String] = []
        var times: [Date] = []
        var data: [String] = []
        var ranks: [Int16] = []
        var suppressions: [String?] = []
        var attempts: [Int16?] = []
        var harms: [String?] = []

        private struct Call: Hashable {
            let entry: EntryID
            let sesMessageID: String
        }

        init(_ batch: [Evidence]) {
            var calls: Set<Call> = []
            for (index, evidence) in batch.enumerated() {
                append(evidence, place: Int64(index + 1))
                // Word about one recipient of a call is word that SES took the call.
                guard let entry = evidence.entry, case .message = entry, evidence.type != .sent,
                    calls.insert(Call(entry: entry, sesMessageID: evidence.sesMessageID)).inserted
                else { continue }
                append(Self.call(evidence), place: 0)
            }
        }

        private static func call(_ evidence: Evidence) -> Evidence {
            Evidence(
                accountID: evidence.accountID,
                entry: evidence.entry,
                attempt: evidence.attempt,
                sesMessageID: evidence.sesMessageID,
                recipient: nil,
                type: .sent,
                identity: Evidence.sentIdentity(evidence.sesMessageID),
                at: evidence.at,
                data: "{}"
            )
        }

        private mutating func append(_ evidence: Evidence, place: Int64) {
            places.append(place)
            accounts.append(evidence.accountID)
            entries.append(evidence.entry?.uuid)
            sesIDs.append(evidence.sesMessageID)
            recipients.append(evidence.recipient?.lowercased())
            types.append(evidence.type.rawValue)
            identities.append(evidence.identity)
            times.append(evidence.at)
            data.append(evidence.data)
            ranks.append(evidence.type.evidence.rank)
            suppressions.append(evidence.suppression?.rawValue)
            attempts.append(evidence.attempt)
            harms.append(evidence.harm?.rawValue)
        }
    }
}
