import Foundation
import Mail
import Outbox
import Postgres

/// The events without our tags that wait for their rows (`feedback_waiting`).
enum WaitingStore {
    /// Which of them are looked at.
    enum Choice {
        /// The longest due.
        case due(Int)
        case named([SESEvent])
    }

    /// What one look at them did.
    struct Look {
        /// Those that had rows of ours, and what became of each.
        var found: [SESEvent] = []
        var results: [EvidenceResult] = []
        var expired = 0
        /// How many were looked at.
        var count = 0
    }

    /// The server refuses one of these events, of so many that were looked at. None was applied.
    struct Refusal: Error {
        let events: [SESEvent]
        let count: Int
        let cause: any Error
    }

    /// Keeps events, unless an account has too many already.
    ///
    /// - Returns: the accounts whose events were not kept.
    static func keep(
        _ events: [SESEvent],
        for wait: Duration,
        rows: Int,
        in pool: PostgresPool
    ) async throws -> Set<Int32> {
        guard !events.isEmpty else { return [] }
        let batch = events.map(\.evidence)
        let answers = try await pool.query(
            """
            WITH w AS (
                SELECT * FROM unnest(\(batch.map(\.accountID)), \(batch.map(\.sesMessageID)), \(batch.map(\.identity)),
                                     \(batch.map { $0.recipient ?? "" }), \(batch.map(\.type.rawValue)), \(batch.map(\.at)),
                                     \(batch.map(\.data)), \(batch.map { $0.suppression?.rawValue }),
                                     \(events.map { $0.alarm?.kind.rawValue }), \(events.map { $0.alarm?.object }),
                                     \(events.map { $0.alarm?.detail }), \(batch.map { $0.harm?.rawValue }))
                    AS w (account_id, ses_message_id, identity, recipient, type, at, data, suppression, alarm_kind,
                          alarm_object, alarm_detail, harm)
            ), room AS MATERIALIZED (
                SELECT a.account_id, n.rows < \(rows) AS is_free FROM (SELECT DISTINCT account_id FROM w) AS a
                CROSS JOIN LATERAL (
                    SELECT count(*) AS rows FROM (
                        SELECT FROM feedback_waiting AS f WHERE f.account_id = a.account_id LIMIT \(rows)) AS f
                ) AS n
            ), kept AS (
                INSERT INTO feedback_waiting (account_id, ses_message_id, identity, recipient, type, at, data, suppression,
                                              alarm_kind, alarm_object, alarm_detail, harm, waits_until)
                SELECT account_id, ses_message_id, identity, recipient, type, at, data::jsonb, suppression,
                       alarm_kind, alarm_object, alarm_detail, harm, now() + \(wait)
                FROM w WHERE account_id IN (SELECT account_id FROM room WHERE is_free)
                ORDER BY account_id, ses_message_id, identity, recipient
                ON CONFLICT DO NOTHING
            )
            SELECT account_id FROM room WHERE NOT is_free
            """
        )
        return Set(try answers.decode(Int32.self))
    }

    /// Looks for their rows in one transaction: what has one is applied, what has waited long enough is dropped, and the
    /// others are looked for again after a pause that doubles. Looking is cheap: other programs' mail may be most of it.
    static func look(at choice: Choice, in pool: PostgresPool) async throws -> Look {
        try await pool.withTransaction { connection in
            let waiting = try await rows(choice, on: connection)
            guard !waiting.isEmpty else { return Look() }
            let known = waiting.filter(\.isKnown)
            let results: [EvidenceResult]
            do {
                results = try await EventApplying.apply(known.map(\.event), on: connection)
            } catch  where DatabaseAvailability.isRefusal(error) {
                throw Refusal(events: known.map(\.event), count: waiting.count, cause: error)
            }
            var look = Look(count: waiting.count)
            var later = waiting.filter { !$0.isKnown }
            for (row, result) in zip(known, results) {
                guard result != .unmatched else {
                    later.append(row)
                    continue
                }
                look.found.append(row.event)
                look.results.append(result)
            }
            let over = later.filter(\.isOver)
            look.expired = over.count
            _ = try await connection.pipeline([
                delete(look.found + over.map(\.event)), putOff(later.filter { !$0.isOver }.map(\.event)),
            ])
            return look
        }
    }

    /// Takes an event that the server refuses out of the waiting, and keeps it for the operator.
    static func setAside(_ event: SESEvent, in pool: PostgresPool) async throws {
        let evidence = event.evidence
        let kept = KeptNotification(
            accountID: evidence.accountID,
            source: "",
            reason: "refused_by_database",
            detail: "the database refuses a value in the \(evidence.type.rawValue) of \(evidence.sesMessageID)",
            body: Array(evidence.data.utf8)
        )
        try await pool.withTransaction { connection in
            let gone = try await connection.query("\(delete([event])) RETURNING f.account_id").decode(Int32.self)
            if !gone.isEmpty { _ = try await connection.query(KeptStore.insertion(of: kept)) }
        }
    }

    static func count(in pool: PostgresPool) async throws -> Int {
        try await pool.query("SELECT count(*) FROM feedback_waiting").decode(Int.self).first ?? 0
    }

    private struct Waiting {
        let event: SESEvent
        let isOver: Bool
        /// A row of ours has its SES message id.
        let isKnown: Bool
    }

    private static func rows(_ choice: Choice, on connection: PostgresConnection) async throws -> [Waiting] {
        let source: SQL
        let rest: SQL
        switch choice {
        case .due(let limit):
            source = "feedback_waiting AS f"
            rest = "f.next_at <= now() ORDER BY f.next_at LIMIT \(limit)"
        case .named(let events):
            source = "\(keys(events)) JOIN feedback_waiting AS f ON \(isNamed)"
            rest = "true"
        }
        // OFFSET 0 keeps the planner from reading all ids at once.
        return try await connection.query(
            """
            SELECT f.account_id, f.ses_message_id, f.identity, f.recipient, f.type, f.at, f.data::text, f.suppression,
                   f.alarm_kind, f.alarm_object, f.alarm_detail, f.waits_until <= now(),
                   EXISTS (SELECT FROM ses_id WHERE ses_id.ses_message_id = f.ses_message_id OFFSET 0),
                   f.harm
            FROM \(source) WHERE \(rest) FOR UPDATE OF f SKIP LOCKED
            """
        ).map { row in
            let recipient = try row[3, as: String.self]
            let at = try row[5, as: Date.self]
            let evidence = Evidence(
                accountID: try row[0, as: Int32.self],
                entry: nil,
                sesMessageID: try row[1, as: String.self],
                recipient: recipient.isEmpty ? nil : recipient,
                type: EventType(rawValue: try row[4, as: String.self]) ?? .sent,
                identity: try row[2, as: String.self],
                at: at,
                data: try row[6, as: String.self],
                suppression: try row[7, as: String?.self].flatMap(Evidence.Suppression.init(rawValue:)),
                harm: try row[13, as: String?.self].flatMap(Evidence.Harm.init(rawValue:))
            )
            let object = try row[9, as: String?.self] ?? ""
            let detail = try row[10, as: String?.self] ?? ""
            let alarm = try row[8, as: String?.self].flatMap(OperatorAlarm.Kind.init(rawValue:)).map {
                OperatorAlarm($0, object: object, detail: detail)
            }
            return Waiting(
                event: SESEvent(evidence: evidence, mailedAt: at, alarm: alarm),
                isOver: try row[11, as: Bool.self],
                isKnown: try row[12, as: Bool.self]
            )
        }
    }

    private static func delete(_ events: [SESEvent]) -> SQL {
        "DELETE FROM feedback_waiting AS f USING \(keys(events)) WHERE \(isNamed)"
    }

    private static func putOff(_ events: [SESEvent]) -> SQL {
        """
        UPDATE feedback_waiting AS f
        SET looks = f.looks + 1, next_at = least(waits_until, now() + least(300, 2 ^ f.looks) * interval '1 second')
        FROM \(keys(events)) WHERE \(isNamed)
        """
    }

    private static func keys(_ events: [SESEvent]) -> SQL {
        let batch = events.map(\.evidence)
        return """
            unnest(\(batch.map(\.accountID)), \(batch.map(\.sesMessageID)), \(batch.map(\.identity)),
                   \(batch.map { $0.recipient ?? "" })) AS k (account_id, ses_message_id, identity, recipient)
            """
    }

    private static let isNamed: SQL = """
        f.account_id = k.account_id AND f.ses_message_id = k.ses_message_id AND f.identity = k.identity
        AND f.recipient = k.recipient
        """
}
