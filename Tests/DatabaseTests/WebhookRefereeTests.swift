import Foundation
import Outbound
import Postgres
import Signing
import Testing

@testable import Webhooks

/// Whether the library that receivers are told to use takes what is sent.
struct WebhookRefereeTests {
    static let folder = ProcessInfo.processInfo.environment["SLUICE_REFEREES"]
    static let skipped: Comment = "SLUICE_REFEREES does not name the virtual environment of Tests/referees"

    /// Prints a line for each request: whether it verifies as it came, and each way of tampering that was accepted.
    private static let script = """
        import json, sys
        from standardwebhooks import Webhook, WebhookVerificationError

        def accepts(secret, body, headers):
            try:
                Webhook(secret).verify(body.encode(), headers)
                return True
            except WebhookVerificationError:
                return False

        for request in json.load(open(sys.argv[1])):
            secret, body, headers = request["secret"], request["body"], request["headers"]
            other = "whsec_" + "A" * 32
            tampered = {
                "body": (secret, body[:-1] + " }", headers),
                "id": (secret, body, headers | {"webhook-id": headers["webhook-id"][:-1] + "x"}),
                "time": (secret, body, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}),
                "old": (secret, body, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 3600)}),
                "secret": (other, body, headers),
                "unsigned": (secret, body, headers | {"webhook-signature": "v1,"}),
            }
            wrong = [name for name, case in tampered.items() if accepts(*case)]
            print(json.dumps({"accepted": accepts(secret, body, headers), "tampered": wrong}))
        """

    private struct Case: Encodable {
        let secret: String
        let body: String
        let headers: [String: String]
    }

    private struct Verdict: Decodable, Equatable {
        let accepted: Bool
        let tampered: [String]
    }

    @Test(.enabled(if: folder != nil, skipped))
    func theVerifierTakesEveryDeliveryAndNoTamperedOne() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, before in .status(before < 15 && before % 3 == 0 ? 500 : 200) }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            let old = WebhookSecret.generate()
            try await world.withNode {
                try await world.publish(20)
                try await world.eventually("too few requests") { receiver.requests.count >= 20 }
                _ = try await pool.query(
                    "UPDATE webhook_endpoint SET old_secret = \(old.bytes), old_until = now() + interval '1 hour'"
                )
                try await world.publish(20)
                try await world.eventually("not all delivered") {
                    try await world.count("webhook_delivery", "status = 1") == 40
                }
            }
            receiver.stop()
            let requests = receiver.requests
            let rotated = requests.filter { $0.headers["webhook-signature"]?.contains(" ") == true }
            #expect(!rotated.isEmpty)
            let cases =
                requests.map { Case(secret: world.secret.text, body: $0.body, headers: $0.headers) }
                + rotated.map { Case(secret: old.text, body: $0.body, headers: $0.headers) }
            let verdicts = try Self.verdicts(on: cases)
            #expect(verdicts.count == cases.count)
            #expect(verdicts.allSatisfy { $0 == Verdict(accepted: true, tampered: []) })
        }
    }

    private static func verdicts(on cases: [Case]) throws -> [Verdict] {
        let file = FileManager.default.temporaryDirectory.appending(path: "webhooks-\(UUID().uuidString).json")
        try JSONEncoder().encode(cases).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: try #require(folder) + "/bin/python3")
        process.arguments = ["-c", script, file.path(percentEncoded: false)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Verdict.self, from: Data($0.utf8)) }
    }
}
