public import Mail
import Postgres
import Sealing
import Telemetry

extension Claimer {
    /// Reads what is needed to send claimed entries, in their order. Entries whose message is gone are left out, and so are
    /// recipients that were suppressed before. An entry some of whose recipients are suppressed by now, or turned out to have
    /// been sent to, comes as a call for each kind.
    ///
    /// The bounds of an entry's rows come ready-made: making them of texts costs more than reading the rows. The look at
    /// `suppression` is a subquery that cannot be hashed, for a hashed one reads the whole table.
    public func load(_ entries: [EntryID], claimID: Int64) async throws -> [ClaimedCall] {
        let rows = try await pool.query(
            """
            SELECT e.place, e.id, message.lane_id, message.priority, message.sender, message.size,
                   coalesce(message.expires_at <= now(), false), outbox.id, outbox.email, outbox.kind, outbox.attempt,
                   CASE WHEN outbox.status >= \(MessageStatus.sent.rank) THEN \(Kind.superseded.rawValue)
                        WHEN (SELECT true FROM suppression
                              WHERE suppression.tenant_id = outbox.tenant_id
                                AND suppression.email = lower(outbox.email)
                                AND suppression.stream IN ('', message.stream) LIMIT 1) THEN \(Kind.suppressed.rawValue)
                        ELSE \(Kind.wanted.rawValue) END,
             message.region, message.trace
            FROM unnest(\(entries.map(\.uuid)), \(entries.map(\.message.uuid)), \(entries.map(\.lastRow)))
                WITH ORDINALITY AS e (id, message_id, last_id, place)
            JOIN message ON message.id = e.message_id
            JOIN outbox ON outbox.id BETWEEN e.id AND e.last_id
            WHERE outbox.status <> \(MessageStatus.suppressed.rank)
            ORDER BY e.place, 12, outbox.id
            """
        )
        var calls: [ClaimedCall] = []
        var open: (place: Int, kind: Kind, head: Row, rows: [ClaimedCall.Row])?
        func close() throws {
            guard let current = open, let entry = EntryID(try current.head[1, as: PostgresUUID.self]) else { return }
            calls.append(
                ClaimedCall(
                    claimID: claimID,
                    entry: entry,
                    laneID: try current.head[2, as: Int32.self],
                    priority: Priority(rawValue: try current.head[3, as: Int16.self]) ?? .normal,
                    rows: current.rows,
                    sender: try current.head[4, as: String.self],
                    size: try current.head[5, as: Int.self],
                    isExpired: try current.head[6, as: Bool.self],
                    isSuperseded: current.kind == .superseded,
                    isSuppressed: current.kind == .suppressed,
                    region: try current.head[12, as: String.self],
                    trace: try current.head[13, as: [UInt8]?.self].flatMap { TraceContext(bytes: $0) }
                )
            )
        }
        for row in rows {
            let place = try row[0, as: Int.self]
            let kind = Kind(rawValue: try row[11, as: Int32.self]) ?? .wanted
            if open?.place != place || open?.kind != kind {
                try close()
                open = (place, kind, row, [])
            }
            let uuid = try row[7, as: PostgresUUID.self]
            guard let id = OutboxID(high: uuid.high, low: uuid.low) else { continue }
            open?.rows.append(
                ClaimedCall.Row(
                    id: id,
                    email: try row[8, as: String.self],
                    kind: RecipientKind(rawValue: try row[9, as: String.self]) ?? .to,
                    attempt: try row[10, as: Int16.self]
                )
            )
        }
        try close()
        return calls
    }

    /// What is to be done with a claimed row.
    private enum Kind: Int32 {
        case wanted = 0
        case suppressed = 1
        case superseded = 2
    }

    /// The contents of messages, each read once. A content that has been dropped or altered is missing from the answer; one whose
    /// key cannot be had here is as foreign as one of a newer node.
    public func contents(of messages: [MessageID]) async throws -> ReadContents {
        let rows = try await pool.query(
            """
            SELECT m.id, kept.kind, kept.content, CASE WHEN kept.kind >= \(StoredContent.sealedMark) THEN (
                       SELECT tenant_id FROM message WHERE message.id = m.id) END
            FROM unnest(\(messages.map(\.uuid))) AS m (id) CROSS JOIN LATERAL (
                SELECT kind, content FROM body WHERE body.id = m.id
                UNION ALL
                SELECT kind, content FROM body_kept WHERE body_kept.id = m.id LIMIT 1
            ) AS kept
            """
        )
        var contents = ReadContents()
        for (uuid, kind, bytes, tenantID) in try rows.decode(PostgresUUID.self, Int16.self, [UInt8].self, Int32?.self) {
            guard let id = MessageID(high: uuid.high, low: uuid.low) else { continue }
            let isSealed = kind >= StoredContent.sealedMark
            if let kind = StoredContent.Kind(rawValue: isSealed ? kind - StoredContent.sealedMark : kind) {
                guard isSealed else {
                    contents.known[id] = StoredContent(kind: kind, bytes: bytes)
                    continue
                }
                do throws(SealingError) {
                    let place = SealedPlace(.body, tenantID: tenantID ?? 0, id: uuid)
                    contents.known[id] = StoredContent(kind: kind, bytes: try await seal.open(bytes, at: place))
                } catch {
                    if error.code != .damaged { contents.foreign.insert(id) }
                }
            } else {
                contents.foreign.insert(id)
            }
        }
        return contents
    }
}
