import Foundation

/// The queue libraries that people would build this with, as they are installed beside the benchmarks.
enum PeerLibrary: String, CaseIterable, Sendable {
    case pgqueuer, procrastinate, pgmq, awa, pgq

    static let pythonVariable = "SLUICE_BENCH_PYTHON"
    static let scriptsVariable = "SLUICE_BENCH_PEERS"

    var name: String {
        switch self {
        case .pgqueuer: "PgQueuer"
        case .procrastinate: "Procrastinate"
        case .pgmq: "pgmq"
        case .awa: "awa"
        case .pgq: "PgQ"
        }
    }

    /// Those that can be measured here; says which can't, and why.
    static func installed() async throws -> [PeerLibrary] {
        let variables = ProcessInfo.processInfo.environment
        guard let python = variables[pythonVariable], variables[scriptsVariable] != nil,
            FileManager.default.isExecutableFile(atPath: python)
        else {
            Terminal.line("no peers: their Python packages are not installed (\(pythonVariable) names no program)")
            return []
        }
        let extensions = try await DatabaseBinaries.find().extensions()
        guard FileManager.default.fileExists(atPath: "\(extensions)/pgq.control") else {
            Terminal.line("no PgQ: its Debian package is not installed")
            return allCases.filter { $0 != .pgq }
        }
        return allCases
    }

    /// Its script, to do one of `install`, `fill`, `put` and `work`.
    func program(_ what: String, _ arguments: [String], url: String) throws -> Program {
        let variables = ProcessInfo.processInfo.environment
        guard let python = variables[Self.pythonVariable], let scripts = variables[Self.scriptsVariable] else {
            throw Failure(
                "\(Self.pythonVariable) and \(Self.scriptsVariable) are not set: start this as Benchmarks/run"
            )
        }
        return Program(
            path: python,
            arguments: ["\(scripts)/bench_peer.py", rawValue, what, "--dsn", url] + arguments,
            environment: [
                "PATH": Program.searchPath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
                "AWS_ACCESS_KEY_ID": "AKIDBENCH", "AWS_SECRET_ACCESS_KEY": "for-the-simulator-only",
            ],
            folder: scripts
        )
    }
}
