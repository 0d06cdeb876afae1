import Foundation
import Outbound

/// A collector of traces that reads what it gets with OpenTelemetry's own classes.
struct Collector {
    struct Span: Decodable {
        let error: String?
        let service: String?
        let name: String?
        let trace: String?
        let span: String?
        let parent: String?
        let kind: Int?
        let links: [String]?
        let attributes: [String: String]?
        let authorization: String?
    }

    let url: String
    private let child: ChildProcess

    static func with(_ body: (Collector) async throws -> Void) async throws {
        guard let referees = Moto.folder else { throw TestFailure("SLUICE_REFEREES is not set") }
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "sluice-otlp-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let port = try await FreePort.next()
        let script = MetricsPage.checkout.appending(path: "Tests/referees/otlp_collector.py").path()
        let child = try await ChildProcess(
            name: "collector",
            Program(
                path: referees + "/bin/python3",
                arguments: [script, "\(port)"],
                environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path()]
            ),
            folder: folder
        )
        defer { child.dispose() }
        let collector = Collector(url: "http://127.0.0.1:\(port)", child: child)
        try await eventually("the collector is ready", every: .milliseconds(100)) {
            guard child.isRunning else {
                throw TestFailure("the collector has ended: \(child.lines().suffix(5))")
            }
            return (try? await LocalHTTP.send(.get, collector.url))?.status == 204
        }
        try await body(collector)
    }

    /// What it has taken so far.
    ///
    /// - Throws: when it refused something.
    func spans() throws -> [Span] {
        let spans = try child.lines().map { try JSONDecoder().decode(Span.self, from: Data($0.utf8)) }
        if let error = spans.compactMap(\.error).first {
            throw TestFailure("the collector refused: \(error)")
        }
        return spans
    }
}
