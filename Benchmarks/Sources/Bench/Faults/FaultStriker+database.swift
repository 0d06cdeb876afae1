import Foundation
import Glibc
import Measure

extension FaultStriker {
    private var server: DatabaseServer { bed.server }

    func strikeDatabase(_ strike: FaultPlan.Strike) async throws -> Outcome {
        // One that recovers from the fault before this one.
        let from = try await accepting()
        var note = ""
        switch strike.kind {
        case .killDatabase:
            try await server.crash()
            try await pause(strike.seconds)
        case .killBackends:
            note = try await killBackend(strike.choice)
        case .stopDatabase:
            try await stopDatabase(strike.seconds)
        case .terminateSessions:
            try await terminate(every: 0.2, times: max(1, Int(strike.seconds / 0.2)))
        case .exhaustConnections:
            let hog = ConnectionHog(socket: server.socket, database: bed.database, connections: 130)
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Who has a connection loses it, and finds no other.
                group.addTask { try await self.terminate(every: 0.3, times: 3) }
                group.addTask {
                    // That needs a connection, too.
                    try await pause(0.2)
                    try await hog.hold(seconds: strike.seconds)
                }
                try await group.waitForAll()
            }
        case .fillDisk:
            guard let disk = server.disk else { return Outcome(note: "no small disk") }
            try await disk.fill()
            defer { try? disk.free() }
            try await pause(strike.seconds)
        case .stepDatabaseClock:
            guard let clock = world.databaseClock else { return Outcome(note: "libfaketime is not installed") }
            let step = strike.choice & 1 == 0 ? 3600 : -3600
            note = "by \(step) s"
            try clock.step(by: step)
            defer { try? clock.step(by: 0) }
            try await pause(strike.seconds)
        case .slowNetwork:
            for node in bed.nodes { node.proxy?.set(.slow) }
            defer { for node in bed.nodes { node.proxy?.set(.forward) } }
            try await pause(strike.seconds)
        default: break
        }
        return Outcome(note: note, span: .init(from: from, to: try await accepting()))
    }

    /// Waits until PostgreSQL accepts connections, and starts it when it has ended.
    /// - Returns: when it did.
    func accepting() async throws -> Int64 {
        var complaint = ""
        for _ in 0..<200 {
            do {
                if server.isRunning {
                    try await server.query("SELECT 1", database: bed.database)
                } else {
                    // Backends of one that was killed may still be ending.
                    try await server.start()
                }
                return BootTime.now()
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                complaint = "\(error)"
                try await pause(0.05)
            }
        }
        throw Failure("PostgreSQL does not come back: \(complaint)")
    }

    /// One that serves a node; the postmaster ends all others then, and recovers.
    private func killBackend(_ choice: UInt64) async throws -> String {
        let rows = try await server.query(
            """
            SELECT pid FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid() ORDER BY pid;
            """,
            database: bed.database
        )
        let processes = rows.compactMap { Int32($0) }
        guard !processes.isEmpty else { return "nobody was connected" }
        _ = Glibc.kill(processes[Int(choice % UInt64(processes.count))], SIGKILL)
        // Until the postmaster has noticed, it still accepts.
        try await pause(0.1)
        return "one of \(processes.count)"
    }

    private func stopDatabase(_ seconds: Double) async throws {
        let processes = try server.processes()
        for process in processes { _ = Glibc.kill(process, SIGSTOP) }
        // Backends first, so that the postmaster finds none stopped.
        defer { for process in processes.reversed() { _ = Glibc.kill(process, SIGCONT) } }
        try await pause(seconds)
    }

    private func terminate(every seconds: Double, times: Int) async throws {
        try await server.query(
            """
            DO $$ BEGIN
                FOR n IN 1..\(times) LOOP
                    PERFORM pg_sleep(\(seconds));
                    PERFORM pg_stat_clear_snapshot();
                    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE backend_type = 'client backend' AND datname = current_database()
                      AND pid <> pg_backend_pid() AND application_name <> '\(ConnectionHog.name)';
                END LOOP;
            END $$;
            """,
            database: bed.database
        )
    }
}
