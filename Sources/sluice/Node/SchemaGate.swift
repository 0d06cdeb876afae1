import Directory
import Logging
import Postgres
import ServiceLifecycle
import Telemetry

/// Holds readiness back until the database answers, has this program's schema, and the directory has been read from it;
/// follows the database from then on.
///
/// A schema that does not fit ends the process with a sentence that says what to do.
struct SchemaGate: Service {
    private static let interval = Duration.seconds(1)

    let pool: PostgresPool
    let database: PostgresConfiguration
    let directory: DirectoryCache
    let readiness: Readiness
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await watch() }
        readiness.advance(to: .draining)
    }

    /// Says which server is used, and what its loss would cost.
    private func tellPosture() async {
        guard let posture = try? await DatabasePosture(pool) else { return }
        var findings = Findings()
        posture.report(database, into: &findings)
        for finding in findings.all {
            logger.log(
                level: finding.ok && finding.warning != true ? .info : .warning,
                "the database",
                metadata: ["check": "\(finding.check)", "detail": "\(finding.detail)"]
            )
        }
    }

    private func watch() async throws {
        var isChecked = false
        var isDown = false
        while !Task.isCancelled {
            do {
                if isChecked {
                    _ = try await pool.query("SELECT 1", timeout: .seconds(2))
                } else {
                    let schema = try await DatabaseAccess.requireSchema(pool)
                    if schema.isAhead {
                        logger.info(
                            "the database is newer than this program, which can work with it",
                            metadata: ["migration": "\(schema.unknown.last ?? "")"]
                        )
                    }
                    try await directory.refresh()
                    isChecked = true
                    await tellPosture()
                    readiness.advance(to: .ready)
                }
                readiness.set("database", .passing)
                if isDown { logger.info("the database answers again") }
                isDown = false
            } catch let error as PostgresError where error.code == .migration {
                throw CommandFailure("\(error.message)")
            } catch {
                readiness.set("database", .failing("the database does not answer"))
                if !isDown, !Task.isCancelled {
                    logger.error("the database does not answer", metadata: ["error": "\(error)"])
                }
                isDown = true
            }
            try? await Task.sleep(for: Self.interval)
        }
    }
}
