import Foundation
import Outbound

/// A moto server of the referees' virtual environment.
struct Moto: Sendable {
    static let folder = ProcessInfo.processInfo.environment["SLUICE_REFEREES"]

    let url: String

    static func with(_ body: (Moto) async throws -> Void) async throws {
        guard let referees = folder else { throw TestFailure("SLUICE_REFEREES is not set") }
        let logs = FileManager.default.temporaryDirectory.appending(path: "sluice-moto-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: logs) }
        let port = try await FreePort.next()
        let program = Program(
            path: referees + "/bin/python3",
            arguments: [referees + "/bin/moto_server", "-H", "127.0.0.1", "-p", "\(port)"],
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": logs.path()]
        )
        let child = try await ChildProcess(name: "moto", program, folder: logs)
        defer { child.dispose() }
        let moto = Moto(url: "http://127.0.0.1:\(port)")
        try await eventually("moto is ready", every: .milliseconds(100)) {
            guard child.isRunning else { throw TestFailure("moto has ended: \(child.lines().suffix(5))") }
            return (try? await LocalHTTP.send(.get, moto.url + "/moto-api/"))?.status == 200
        }
        try await body(moto)
    }

    /// Makes an identity that may send. moto wants a signature, but does not look at it.
    func verify(_ domain: String) async throws {
        let answer = try await LocalHTTP.send(
            .post,
            url + "/v2/email/identities",
            headers: [
                "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDTEST/20260101/eu-central-1/ses/aws4_request, "
                    + "SignedHeaders=host, Signature=0",
                "Content-Type": "application/json",
            ],
            body: Array(#"{"EmailIdentity":"\#(domain)"}"#.utf8)
        )
        guard answer.status == 200 else { throw TestFailure("moto answered \(answer.status)") }
    }

    /// All that moto stores, as JSON.
    func data() async throws -> [UInt8] {
        try await LocalHTTP.send(.get, url + "/moto-api/data.json").body
    }
}
