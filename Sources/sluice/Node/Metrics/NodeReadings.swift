import Capacity
import Directory
import Dispatching
import Foundation
import Outbound
import Outbox
import Postgres
import Schema
import Synchronization
import Telemetry

/// What `/metrics` shows of the process as it is at that moment, read from the parts when somebody asks.
final class NodeReadings: Sendable {
    private struct Parts {
        var pools: [(name: String, pool: PostgresPool)] = []
        var leases: LeaseKeeper?
        var settler: Settler?
        var writer: AcceptWriter?
        var directory: DirectoryCache?
        var tracer: Tracer?
        /// Trusted certificates by their subjects, and when they end.
        var certificates: [String: Double] = [:]
    }

    private let parts = Mutex(Parts())

    /// What is shown of each part; nothing of a part that the node has not.
    static let declarations: [MetricDeclaration] =
        NodeReadings.processes.map(\.declaration) + databases.map(\.declaration)
        + buffers.map(\.declaration)

    private struct Source: Sendable {
        let declaration: MetricDeclaration
        let read: @Sendable (Parts) -> [MetricReading]
    }

    init(
        _ metrics: PrometheusMetrics,
        node: String,
        roles: [NodeConfiguration.Role],
        readiness: Readiness
    ) {
        for source in Self.databases + Self.buffers {
            metrics.observe(source.declaration) { [self] in source.read(parts.withLock { $0 }) }
        }
        for source in Self.processes {
            metrics.observe(source.declaration) {
                source.read(Process(node: node, roles: roles, readiness: readiness))
            }
        }
    }

    func add(_ pool: PostgresPool, named name: String) {
        parts.withLock { $0.pools.append((name, pool)) }
    }
    func add(_ leases: LeaseKeeper) { parts.withLock { $0.leases = leases } }
    func add(_ settler: Settler) { parts.withLock { $0.settler = settler } }
    func add(_ writer: AcceptWriter) { parts.withLock { $0.writer = writer } }
    func add(_ directory: DirectoryCache) { parts.withLock { $0.directory = directory } }

    func add(_ tracer: Tracer) { parts.withLock { $0.tracer = tracer } }

    func add(certificate subject: String, until end: Int64) {
        parts.withLock { $0.certificates[subject] = Double(end) }
    }

    // MARK: The process

    private struct Process {
        let node: String
        let roles: [NodeConfiguration.Role]
        let readiness: Readiness
    }

    private struct ProcessSource: Sendable {
        let declaration: MetricDeclaration
        let read: @Sendable (Process) -> [MetricReading]
    }

    private static let processes: [ProcessSource] = [
        ProcessSource(
            declaration: .gauge("sluice_build_info", help: "1; its labels say which program this is.")
        ) { _ in
            [MetricReading(1, ["schema": Schema.files.last?.name ?? ""])]
        },
        ProcessSource(
            declaration: .gauge(
                "sluice_node_info",
                help: "1; its label is the node's name in tables and logs."
            )
        ) {
            [MetricReading(1, ["node": $0.node])]
        },
        ProcessSource(declaration: .gauge("sluice_node_role", help: "1 for each role of the node.")) {
            process in
            NodeConfiguration.Role.allCases.map {
                MetricReading(process.roles.contains($0) ? 1 : 0, ["role": $0.rawValue])
            }
        },
        ProcessSource(declaration: .gauge("sluice_node_ready", help: "Whether /readyz answers 200.")) {
            [MetricReading($0.readiness.isReady ? 1 : 0)]
        },
        ProcessSource(
            declaration: .gauge(
                "sluice_node_check",
                help: "Whether that which the node needs is in order."
            )
        ) { process in
            process.readiness.report.checks.map { name, check in
                MetricReading(check == .passing ? 1 : 0, ["check": name])
            }
        },
        ProcessSource(
            declaration: .counter(
                "sluice_log_lines_left_out",
                help: "Log lines that nobody took in time."
            )
        ) { _ in
            [MetricReading(LogOutput.standardOutput.leftOut + LogOutput.standardError.leftOut)]
        },
    ]

    // MARK: The database

    private static func pools(
        _ declaration: MetricDeclaration,
        _ read: @escaping @Sendable (PostgresPool, [String: String]) -> [MetricReading]
    ) -> Source {
        Source(declaration: declaration) { parts in
            parts.pools.flatMap { read($0.pool, ["pool": $0.name]) }
        }
    }

    private static let databases: [Source] = [
        pools(.gauge("sluice_database_connections", help: "Connections by pool and state.")) {
            pool,
            labels in
            let statistics = pool.statistics
            return [
                ("idle", statistics.idle), ("leased", statistics.leased),
                ("connecting", statistics.connecting),
            ].map { state, count in MetricReading(count, labels.merging(["state": state]) { $1 }) }
        },
        pools(.gauge("sluice_database_connections_max", help: "Connections that the pool may have.")) {
            pool,
            labels in
            [MetricReading(pool.maxConnections, labels)]
        },
        pools(.gauge("sluice_database_available", help: "0 while no connection can be opened.")) {
            pool,
            labels in
            [MetricReading(pool.statistics.isAvailable ? 1 : 0, labels)]
        },
        pools(.gauge("sluice_database_waiting", help: "Callers that wait for a connection.")) {
            pool,
            labels in
            [MetricReading(pool.statistics.waiting, labels)]
        },
        pools(.counter("sluice_database_waits", help: "Callers that had to wait for a connection.")) {
            pool,
            labels in
            [MetricReading(pool.counts.waits, labels)]
        },
        pools(.counter("sluice_database_wait_seconds", help: "How long they waited, together.")) {
            pool,
            labels in
            [MetricReading(pool.counts.waited, labels)]
        },
        pools(.counter("sluice_database_lent", help: "Connections that were lent to a caller.")) {
            pool,
            labels in
            [MetricReading(pool.counts.lent, labels)]
        },
        pools(.counter("sluice_database_opened", help: "Connections that were opened.")) {
            pool,
            labels in
            [MetricReading(pool.counts.opened, labels)]
        },
        pools(
            .counter("sluice_database_open_failures", help: "Attempts to open a connection that failed.")
        ) { pool, labels in
            [MetricReading(pool.counts.openFailures, labels)]
        },
        pools(.counter("sluice_database_errors", help: "Calls that ended in an error, by its kind.")) {
            pool,
            labels in
            pool.counts.errors.map { code, count in
                MetricReading(count, labels.merging(["code": code.description]) { $1 })
            }
        },
    ]

    // MARK: What waits in memory, and what ends by itself

    private static let buffers: [Source] = [
        Source(
            declaration: .counter(
                "sluice_trace_spans",
                help: "Spans that were recorded, by what became of them."
            )
        ) {
            guard let counts = $0.tracer?.counts else { return [] }
            return [
                ("exported", counts.exported), ("dropped", counts.dropped), ("failed", counts.failed),
            ].map {
                MetricReading($0.1, ["result": $0.0])
            }
        },
        Source(
            declaration: .gauge(
                "sluice_accept_waiting_messages",
                help: "Messages that wait for their commit."
            )
        ) {
            $0.writer.map { [MetricReading($0.waiting)] } ?? []
        },
        Source(
            declaration: .gauge(
                "sluice_accept_waiting_messages_max",
                help: "Messages that may wait for it."
            )
        ) {
            $0.writer.map { [MetricReading($0.limits.waiting)] } ?? []
        },
        Source(declaration: .gauge("sluice_accept_waiting_bytes", help: "Bytes of those that wait.")) {
            $0.writer.map { [MetricReading($0.waitingBytes)] } ?? []
        },
        Source(declaration: .gauge("sluice_accept_waiting_bytes_max", help: "Bytes that may wait.")) {
            $0.writer.map { [MetricReading($0.limits.waitingBytes)] } ?? []
        },
        Source(
            declaration: .gauge(
                "sluice_settle_waiting_outcomes",
                help: "Outcomes of calls that are not written yet."
            )
        ) {
            $0.settler.map { [MetricReading($0.pending)] } ?? []
        },
        Source(
            declaration: .gauge(
                "sluice_settle_oldest_seconds",
                help: "For how long the oldest of them has waited."
            )
        ) {
            $0.settler.map { [MetricReading($0.age)] } ?? []
        },
        Source(
            declaration: .gauge(
                "sluice_lease_epoch",
                help: "The epoch of this node's life; 0 between two lives."
            )
        ) {
            $0.leases.map { [MetricReading(Double($0.held?.life.epoch ?? 0))] } ?? []
        },
        Source(
            declaration: .gauge(
                "sluice_lease_remaining_seconds",
                help: "For how long the node may still send without a renewal; 0: it may not."
            )
        ) {
            $0.leases.map { leases in
                let left =
                    leases.held.map { ContinuousClock.now.duration(to: $0.deadline.instant) } ?? .zero
                return [MetricReading(max(.zero, left))]
            } ?? []
        },
        Source(
            declaration: .gauge(
                "sluice_key_expiry_timestamp_seconds",
                help: "When the next API key ends, by whose it is; of keys that have not ended."
            )
        ) {
            guard let directory = $0.directory?.current else { return [] }
            return directory.nextKeyExpiries(after: Date()).map { owner, end in
                MetricReading(end.timeIntervalSince1970, ["owner": owner])
            }
        },
        Source(
            declaration: .gauge(
                "sluice_certificate_expiry_timestamp_seconds",
                help: "When a certificate ends that feedback.trusted_certificates names."
            )
        ) {
            $0.certificates.map { MetricReading($0.value, ["subject": $0.key]) }
        },
    ]
}
