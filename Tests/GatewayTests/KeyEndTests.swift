import Directory
import Foundation
import Testing

@testable import Gateway

/// What was begun with a key is not ended when the key has ended, however slowly it came.
@Suite(.timeLimit(.minutes(5))) struct KeyEndTests {
    private static let mail = #"{"from": "a@apa.example", "to": "a@b.example", "subject": "x", "text": "x"}"#
    private static let broadcast =
        #"{"from": "a@apa.example", "subject": "x", "text": "x"}"# + "\n" + #"{"to": "a@b.example"}"#

    /// A request of which all but the first byte of the body comes after `change`, which happens when its key was let in.
    private static func slow(
        _ method: String,
        _ path: String,
        _ body: String,
        type: String = "application/json",
        _ gateway: TestGateway,
        change: @Sendable (TestDirectory) -> Void
    ) async throws -> TestAnswer {
        try await TestConnection.with(port: gateway.port) { connection in
            let head = """
                \(method) \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(TestDirectory.apaKey)\r\n\
                Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n
                """
            try await connection.write(Array((head + body.prefix(1)).utf8))
            while gateway.keys.uses == 0 { try await Task.sleep(for: .milliseconds(1)) }
            change(gateway.directory)
            try await connection.write(Array(body.dropFirst().utf8))
            return try await connection.answer()
        }
    }

    @Test(arguments: [
        ("POST", "/send", mail, "application/json"),
        ("POST", "/send/batch", #"{"messages": [\#(mail)]}"#, "application/json"),
        ("POST", "/send/broadcast", broadcast, "application/x-ndjson"),
        ("POST", "/suppressions", #"{"email": "a@b.example", "reason": "manual"}"#, "application/json"),
        ("POST", "/keys", #"{"name": "left behind"}"#, "application/json"),
    ])
    func aKeyThatIsRevokedWhileABodyComes(_ method: String, _ path: String, _ body: String, _ type: String) async throws
    {
        try await TestGateway.run { gateway in
            let answer = try await Self.slow(method, path, body, type: type, gateway) {
                $0.revoke(TestDirectory.apaKey)
            }
            #expect(answer.status == 401 && answer.code == "invalid_key", "\(answer.body)")
            #expect(gateway.store.accepted.isEmpty)
            #expect(try await gateway.keys.keys(of: .anybody, limit: 10, after: nil, before: nil).isEmpty)
        }
    }

    @Test(arguments: [("/send", mail, "application/json"), ("/send/broadcast", broadcast, "application/x-ndjson")])
    func aTenantThatIsChangedWhileABodyComes(_ path: String, _ body: String, _ type: String) async throws {
        try await TestGateway.run { gateway in
            let paused = try await Self.slow("POST", path, body, type: type, gateway) {
                $0.change(from: ["apa.example"], .paused)
            }
            #expect(paused.status == 403 && paused.code == "tenant_paused", "\(paused.body)")
        }
        try await TestGateway.run { gateway in
            let moved = try await Self.slow("POST", path, body, type: type, gateway) {
                $0.change(from: ["other.example"])
            }
            #expect(moved.status == 403 && moved.code == "from_not_allowed", "\(moved.body)")
            #expect(gateway.store.accepted.isEmpty)
        }
        try await TestGateway.run { gateway in
            let same = try await Self.slow("POST", path, body, type: type, gateway) { $0.change(from: ["apa.example"]) }
            #expect(same.status == 202, "\(same.body)")
        }
    }

    @Test func whoWaitsForEventsIsToldNoneOnceTheirKeyHasEnded() async throws {
        try await TestGateway.run { gateway in
            try await withThrowingTaskGroup(of: TestAnswer.self) { tasks in
                tasks.addTask { try await gateway.request("GET", "/events?wait=30") }
                tasks.addTask {
                    try await gateway.request("GET", "/events?wait=30", key: TestDirectory.onlyKey(.read))
                }
                while gateway.watch.waiting != 2 { try await Task.sleep(for: .milliseconds(1)) }
                gateway.directory.revoke(TestDirectory.apaKey)
                gateway.feed.publish("email.delivered")
                var answers: [TestAnswer] = []
                for try await answer in tasks { answers.append(answer) }
                #expect(answers.map(\.status).sorted() == [200, 401])
                let refused = try #require(answers.first { $0.status == 401 })
                #expect(refused.code == "invalid_key" && refused.headers["connection"] == "close")
            }
        }
    }
}
