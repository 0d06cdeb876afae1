/// The server's timeline: a number that grows with every promotion, so that a database that may lack what another server had
/// committed is known by it.
public enum Timeline {
    /// The timeline that the server writes now. Raises an error on a standby.
    ///
    /// From the name of the WAL file, because `pg_control_checkpoint()` shows the old timeline until the first checkpoint after a
    /// promotion.
    public static let current: SQL =
        "('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint"

    /// The same, or NULL on a standby.
    static let ofServer: SQL = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN \(current) END"

    /// Epochs on a timeline are above this and above every epoch of the timelines before, which may have got lost.
    public static func floor(_ timeline: Int64) -> Int64 { (timeline - 1) << 32 }

    /// ``floor(_:)`` of the server's timeline.
    public static let currentFloor: SQL = "((\(current) - 1) << 32)"
}
