import Foundation
import Glibc
import Outbound
import Testing

/// What `./run` starts, on free ports and with a folder of its own.
struct DevNode {
    let folder: URL
    let publicURL: String
    let operatorURL: String
    let simulatorURL: String

    /// Starts it with the configuration of `config/dev.yaml`, and ends it after `body`.
    static func with(_ body: (DevNode) async throws -> Void) async throws {
        // Short: a socket's path has 107 bytes.
        let folder = FileManager.default.temporaryDirectory.appending(path: "dev-\(UInt32.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var ports: [Int] = []
        for _ in 0..<3 { ports.append(try await FreePort.next()) }
        let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "config/dev.yaml")
        let text = try String(contentsOf: source, encoding: .utf8)
            .replacing("127.0.0.1:8080", with: "127.0.0.1:\(ports[0])")
            .replacing("127.0.0.1:8081", with: "127.0.0.1:\(ports[1])")
            .replacing("127.0.0.1:8090", with: "127.0.0.1:\(ports[2])")
        let file = folder.appending(path: "dev.yaml")
        try Data(text.utf8).write(to: file)
        let program = Program(
            path: try SluiceProgram.path(),
            arguments: ["dev", "--config", file.path(), "--folder", folder.appending(path: "var").path()],
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder.path()],
            folder: folder.path()
        )
        let child = try await ChildProcess(name: "dev", program, folder: folder)
        defer { child.dispose() }
        let node = DevNode(
            folder: folder,
            publicURL: "http://127.0.0.1:\(ports[0])",
            operatorURL: "http://127.0.0.1:\(ports[1])",
            simulatorURL: "http://127.0.0.1:\(ports[2])"
        )
        do {
            try await eventually("everything is ready", every: .milliseconds(100)) {
                guard child.isRunning else { throw TestFailure("sluice dev has ended") }
                return (try? await LocalHTTP.send(.get, node.publicURL + "/readyz"))?.status == 200
            }
            try await body(node)
        } catch {
            throw TestFailure("\(error)\n\(child.lines().suffix(20).joined(separator: "\n"))")
        }
        // Its PostgreSQL ends with it, if it is asked.
        child.signal(SIGTERM)
        try await child.end()
    }

    func keys() throws -> [String: String] {
        let text = try String(contentsOf: folder.appending(path: "var/dev-keys"), encoding: .utf8)
        return Dictionary(
            text.split(separator: "\n").compactMap { line in
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            }
        ) { first, _ in first }
    }

    private struct Settings: Encodable {
        let `public`: String
        let `operator`: String
        let simulator: String
        let keys: [String: String]
        let chromium: String
        /// Where pictures of the pages go; nil: nowhere.
        let screenshots: String?
    }

    /// Runs a script of `Tests/referees` that uses the pages in Chromium.
    func drive(_ script: String) async throws -> Program.Output {
        let settings = Settings(
            public: publicURL,
            operator: operatorURL,
            simulator: simulatorURL,
            keys: try keys(),
            chromium: try #require(Chromium.path),
            screenshots: ProcessInfo.processInfo.environment["SLUICE_SCREENSHOTS"]
        )
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "referees/\(script)")
        return try await Program(
            path: try #require(Moto.folder) + "/bin/python3",
            arguments: [file.path(), String(decoding: try JSONEncoder().encode(settings), as: UTF8.self)],
            environment: [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path(),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONIOENCODING": "utf-8",
            ],
            folder: folder.path()
        ).run()
    }
}
