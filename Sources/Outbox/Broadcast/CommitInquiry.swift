import Mail
import Postgres

/// Finds out whether a message is in whose commit was not answered.
struct CommitInquiry: Sendable {
    enum Fate: Equatable {
        case committed
        case rolledBack
        case unknown
    }

    private static let pause = Duration.milliseconds(250)

    let pool: PostgresPool
    let patience: Duration

    /// Asks on other connections until one of them knows. Its session may still be at its commit, so that the message is not
    /// there says nothing; that its transaction was rolled back does.
    ///
    /// - Parameter transaction: as `pg_current_xact_id()` had it.
    func fate(of id: MessageID, tenantID: Int32, transaction: String?) async -> Fate {
        let deadline = ContinuousClock.now + patience
        while true {
            let status = try? await pool.query("SELECT pg_xact_status(\(transaction)::text::xid8)")
                .decode(String?.self).first
            let isThere = try? await pool.query(
                "SELECT EXISTS (SELECT FROM message WHERE id = \(id.uuid) AND tenant_id = \(tenantID))"
            ).decode(Bool.self).first
            if isThere == true { return .committed }
            if isThere == false, status == "aborted" { return .rolledBack }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return .unknown }
            try? await Task.sleep(for: Self.pause)
        }
    }
}
