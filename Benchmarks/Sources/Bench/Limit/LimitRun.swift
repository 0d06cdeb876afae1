import Foundation
import Measure

/// One way to write the rows of accepted messages, with so many clients of `pgbench`.
struct LimitRun: Sendable {
    enum Way: Sendable, Equatable {
        case inserts(Int)
        case copy

        var batch: Int {
            switch self {
            case .inserts(let batch): batch
            case .copy: 1000
            }
        }

        var name: String {
            switch self {
            case .inserts(1): "one by one"
            case .inserts: "batches"
            case .copy: "COPY"
            }
        }
    }

    static let system = "pgbench"
    /// About what can be written in a second, one by one and otherwise. A run has so many messages, and not so much time:
    /// `pgbench` ends by a signal that is blocked in threads like ours, and so in what they start.
    private static let pace = (single: 5000.0, batched: 40_000.0)

    let way: Way
    let clients: Int
    let seconds: Double
    let server: DatabaseServer

    /// In a database with the schema as it is migrated; what it holds is lost.
    func run(in database: String) async throws -> LimitResult {
        try await server.query(
            "TRUNCATE message, body, outbox, ready, event_batch;\nCHECKPOINT;",
            database: database
        )
        let folder = "\(server.folder)/copy"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pace = way.batch == 1 ? Self.pace.single : Self.pace.batched
        let transactions = max(1, Int(seconds * pace) / way.batch / clients)
        if way == .copy { try await write(folder, transactions, database) }
        let before = try server.processorSeconds()
        let work = try await server.work(database)
        let (report, client) = try await pgbench(folder, transactions, database)
        let after = try server.processorSeconds()
        // Backends report what they counted when they end.
        let done = try await server.work(database).since(work)
        let count = try await server.query("SELECT count(*) FROM message;", database: database)
        guard let messages = count.first.flatMap({ Int($0) }), messages > 0, let rate = Self.rate(report) else {
            throw Failure("pgbench says: \(report)")
        }
        return LimitResult(
            way: way.name,
            batch: way.batch,
            clients: clients,
            messages: messages,
            seconds: Double(messages / way.batch) / rate,
            client: client,
            database: after - before,
            work: done
        )
    }

    private func write(_ folder: String, _ transactions: Int, _ database: String) async throws {
        try await Program(path: "/bin/mkdir", arguments: ["-p", "-m", "0777", folder]).run()
        // Whatever our umask is, the server writes there.
        try await Program(path: "/bin/chmod", arguments: ["0777", folder]).run()
        let files = LimitScript.files(
            folder: folder,
            clients: clients,
            transactions: transactions,
            batch: way.batch
        )
        try await server.query(files + "\nCHECKPOINT;", database: database)
    }

    private func pgbench(_ folder: String, _ transactions: Int, _ database: String) async throws -> (String, Double) {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "sluice-bench-\(ProcessInfo.processInfo.processIdentifier).pgbench")
        defer { try? FileManager.default.removeItem(at: file) }
        let script: String
        let form: String
        switch way {
        case .inserts(let batch): (script, form) = (LimitScript.insert(batch), "prepared")
        case .copy: (script, form) = (LimitScript.copy(folder: folder), "simple")
        }
        try Data(script.utf8).write(to: file)
        let now = Int(Date().timeIntervalSince1970 * 1000)
        // Programs that were run and have ended.
        let own = ProcessInfo.processInfo.processIdentifier
        let before = try ProcessorTime.seconds(ofEnded: own)
        let report = try await server.pgbench(
            [
                "--no-vacuum", "--transactions=\(transactions)", "--protocol=\(form)", "--client=\(clients)",
                "--define=k=0", "--define=ms=\(now)",
                "--file=\(file.path(percentEncoded: false))",
            ],
            database: database
        )
        return (report, try ProcessorTime.seconds(ofEnded: own) - before)
    }

    /// Transactions per second, from when all connections stood.
    private static func rate(_ report: String) -> Double? {
        guard let line = report.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }) else { return nil }
        return line.split(separator: " ").dropFirst(2).first.flatMap { Double($0) }
    }
}
