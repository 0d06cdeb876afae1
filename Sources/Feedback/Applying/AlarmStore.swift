import Postgres

/// Writes what an operator has to look after: one row for each kind and object, counted up.
enum AlarmStore {
    /// In one order, so that two who raise the same alarms do not wait for each other in a circle.
    static func raise(_ alarms: [(accountID: Int32, alarm: OperatorAlarm)], on connection: PostgresConnection)
        async throws
    {
        guard !alarms.isEmpty else { return }
        _ = try await connection.query(
            """
            INSERT INTO operator_alarm (account_id, kind, object, detail, times)
            SELECT account_id, kind, object, min(detail), count(*)
            FROM unnest(\(alarms.map(\.accountID)), \(alarms.map(\.alarm.kind.rawValue)), \(alarms.map(\.alarm.object)),
                        \(alarms.map(\.alarm.detail))) AS a (account_id, kind, object, detail)
            GROUP BY account_id, kind, object ORDER BY account_id, kind, object
            ON CONFLICT (account_id, kind, object) DO UPDATE SET
                detail = excluded.detail, times = operator_alarm.times + excluded.times, last_at = now()
            """
        )
    }
}
