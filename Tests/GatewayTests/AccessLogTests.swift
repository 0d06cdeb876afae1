import Directory
import Gateway
import Logging
import Synchronization
import Telemetry
import Testing

/// One line a request, which holds no address, no subject and no key.
@Suite(.timeLimit(.minutes(5))) struct AccessLogTests {
    private struct Recorder: LogHandler {
        struct Line: Sendable {
            let level: Logger.Level
            let message: String
            let metadata: Logger.Metadata
        }

        final class Lines: Sendable {
            let all = Mutex<[Line]>([])
        }

        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let merged = metadata.merging(event.metadata ?? [:]) { $1 }
            let line = Line(level: event.level, message: event.message.description, metadata: merged)
            lines.all.withLock { $0.append(line) }
        }
    }

    @Test func writesALineForARequest() async throws {
        let lines = Recorder.Lines()
        let logger = Logger(label: "test") { _ in Recorder(lines: lines) }
        try await TestGateway.run(logger: logger) { gateway in
            let id = try #require(try await gateway.send(SendTests.good).json["id"] as? String)
            _ = try await gateway.request("GET", "/messages/\(id)?secret=1", headers: ["X-Request-Id": "abc"])
            _ = try await gateway.request("GET", "/livez")
            let all = lines.all.withLock { $0 }
            let requests = all.filter { $0.message == "request" }
            #expect(requests.map(\.level) == [.info, .info, .debug])
            let sent = requests[0].metadata
            #expect(sent["method"] == "POST")
            #expect(sent["route"] == "/send")
            #expect(sent["status"] == "202")
            #expect(sent["tenant"] == "apa")
            #expect(sent["message_id"] == "\(id)")
            #expect(sent["ms"] != nil)
            let read = requests[1].metadata
            #expect(read["route"] == "/messages/{id}")
            #expect(read["status"] == "422", "it takes no such parameter")
            #expect(read["request_id"] == "abc")
            let text = "\(all)"
            for secret in ["a@apa.example", "b@x.example", TestDirectory.apaKey, "secret=1"] {
                #expect(!text.contains(secret))
            }
        }
    }

    /// A flood that is refused fills no log.
    @Test func saysOnceThatATenantIsOverItsRate() async throws {
        let lines = Recorder.Lines()
        let logger = Logger(label: "test") { _ in Recorder(lines: lines) }
        try await TestGateway.run(logger: logger) { gateway in
            gateway.directory.limit(TenantLimits(apiRate: 1))
            var refused = 0
            for _ in 0..<200 where try await gateway.request("GET", "/suppressions").status == 429 { refused += 1 }
            #expect(refused > 0)
            let all = lines.all.withLock { $0 }
            let loud = all.filter { $0.level >= .info }
            #expect(loud.filter { $0.message == "request" }.allSatisfy { $0.metadata["status"] == "200" })
            let said = loud.compactMap { $0.metadata["refused"] }
            #expect((1...refused).contains(said.count) && said.first == "1")
        }
    }
}
