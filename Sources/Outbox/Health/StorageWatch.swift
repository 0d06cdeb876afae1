public import Logging
import Metrics
public import Postgres
public import ServiceLifecycle

/// Looks twice a minute whether the storage stays healthy. Says what is wrong when it comes and when it is over, and counts it in
/// the metrics; `sluice doctor` and `GET /admin/storage` say the same.
///
/// Every node looks: who asks one of them learns all.
public struct StorageWatch: Service {
    private static let interval = Duration.seconds(30)
    /// Findings that are told in the log each time that there are new ones.
    private static let mostTold = 20

    private let check: StorageCheck
    private let logger: Logger

    public init(pool: PostgresPool, limits: StorageCheck.Limits = StorageCheck.Limits(), logger: Logger) {
        check = StorageCheck(pool: pool, limits: limits)
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var known: Set<Key> = []
            while !Task.isCancelled {
                // The database's absence is told elsewhere.
                do {
                    self.tell(try await self.check.findings(), known: &known)
                    Gauge(label: "sluice_storage_horizon_seconds").record(try await self.check.horizonSeconds())
                } catch {
                    self.logger.debug("the storage was not looked at", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    private struct Key: Hashable {
        let check: StorageFinding.Check
        let object: String
    }

    private func tell(_ findings: [StorageFinding], known: inout Set<Key>) {
        for check in StorageFinding.Check.allCases {
            Gauge(label: "sluice_storage_findings", dimensions: [("check", check.rawValue)])
                .record(findings.count { $0.check == check })
        }
        let present = Set(findings.map { Key(check: $0.check, object: $0.object) })
        let new = findings.filter { !known.contains(Key(check: $0.check, object: $0.object)) }
        for finding in new.prefix(Self.mostTold) {
            logger.log(
                level: finding.level == .problem ? .error : .warning,
                "the storage needs a look",
                metadata: [
                    "check": "\(finding.check.rawValue)", "object": "\(finding.object)", "detail": "\(finding.detail)",
                ]
            )
        }
        for key in known.subtracting(present) {
            logger.notice(
                "the storage is well again",
                metadata: ["check": "\(key.check.rawValue)", "object": "\(key.object)"]
            )
        }
        known = present
    }
}
