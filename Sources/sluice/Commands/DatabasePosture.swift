import Postgres

/// What becomes of accepted mail when the database's server is lost: where it is, who has copies, and whether commits wait
/// for them. For the doctor and for a node's start.
struct DatabasePosture {
    private let server: String
    private let timeline: Int64?
    private let standbyNames: String
    private let commit: String
    private let seesStandbys: Bool
    private let standbys: Int
    private let synchronous: Int

    /// Asks the server; nil when it gives no answer to go by.
    init?(_ pool: PostgresPool) async throws {
        let answer = try await pool.withConnection { connection in
            let rows = try await connection.query(
                """
                SELECT current_setting('synchronous_standby_names'), current_setting('synchronous_commit'),
                       pg_has_role('pg_read_all_stats', 'USAGE'), count(*),
                       count(*) FILTER (WHERE sync_state IN ('sync', 'quorum'))
                FROM pg_stat_replication
                """
            )
            return (
                connection.server, connection.timeline,
                try rows.decode(String.self, String.self, Bool.self, Int.self, Int.self).first
            )
        }
        guard let row = answer.2 else { return nil }
        (server, timeline) = (answer.0, answer.1)
        (standbyNames, commit, seesStandbys, standbys, synchronous) = row
    }

    func report(_ configuration: PostgresConfiguration, into findings: inout Findings) {
        let place = "\(server), timeline \(timeline.map { "\($0)" } ?? "not known")"
        findings.sound("server", configuration.namesSeveralHosts ? "\(place); the primary of several hosts" : place)
        if timeline == nil {
            findings.problem(
                "timeline",
                "the server does not tell its timeline (pg_walfile_name), so a failover that loses commits goes unnoticed"
            )
        }
        if configuration.namesSeveralHosts, configuration.sessionAttributes != "read-write" {
            findings.problem(
                "hosts",
                """
                several are named with target_session_attrs=\(configuration.sessionAttributes), which may lead to a standby: \
                use read-write, or leave it out
                """
            )
        }
        reportCommits(into: &findings)
    }

    private func reportCommits(into findings: inout Findings) {
        switch commit {
        case "off", "local":
            findings.problem("durability", "synchronous_commit is \(commit): accepted mail can be lost; set it to on")
        case "remote_write":
            findings.warning(
                "durability",
                "synchronous_commit is remote_write: accepted mail is lost when both machines stop at once; set it to on"
            )
        default: break
        }
        if standbyNames.isEmpty {
            findings.warning(
                "standby",
                standbys == 0
                    ? "there is none: accepted mail is as durable as this server's disk"
                    : """
                    it is asynchronous: a failover can lose mail that was accepted, and send again what was sent last; \
                    set synchronous_standby_names
                    """
            )
        } else if !seesStandbys {
            findings.warning("standby", "its state is hidden from this user: GRANT pg_read_all_stats TO it")
        } else if synchronous == 0 {
            findings.problem(
                "standby",
                "synchronous_standby_names is set, but no such standby is connected: every commit waits for one"
            )
        } else {
            findings.sound("standby", "commits wait for a synchronous one; \(synchronous) of \(standbys) can be it")
        }
    }
}
