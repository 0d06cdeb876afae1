import Directory
import Foundation
import Gateway
import Mail
import NIOCore
import NIOPosix
import Testing

/// What one who means ill can do with connections, on real sockets.
@Suite(.timeLimit(.minutes(5))) struct ConnectionLimitTests {
    private static let probe = Array("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)

    private static func send(_ body: String, headers: [String] = []) -> [UInt8] {
        let lines =
            [
                "POST /send HTTP/1.1", "Host: localhost", "Authorization: Bearer \(TestDirectory.apaKey)",
                "Content-Type: application/json", "Content-Length: \(body.utf8.count)",
            ] + headers + ["", body]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    @Test func theOldestIdleConnectionMakesRoom() async throws {
        try await TestGateway.run(configure: { $0.maximumConnections = 2 }) { gateway in
            try await TestConnection.with(port: gateway.port) { first in
                try await first.write(Self.probe)
                #expect(try await first.answer().status == 200)
                try await TestConnection.with(port: gateway.port) { second in
                    try await second.write(Self.probe)
                    #expect(try await second.answer().status == 200)
                    try await TestConnection.with(port: gateway.port) { third in
                        try await third.write(Self.probe)
                        #expect(try await third.answer().status == 200)
                        #expect(await first.isGone())
                        try await second.write(Self.probe)
                        #expect(try await second.answer().status == 200)
                    }
                }
            }
        }
    }

    /// Its client reads until the end of the connection.
    @Test(arguments: [
        ("1.0", "Accept: */*"), ("1.0", "Connection: TE"), ("1.1", "Connection: Close"),
        ("1.1", "Connection: TE, close"),
    ])
    func theLastRequestEndsTheConnection(version: String, header: String) async throws {
        try await TestGateway.run(configure: { $0.idleTimeout = .seconds(3600) }) { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                let head = "GET /livez HTTP/\(version)\r\nHost: localhost\r\n\(header)\r\n\r\n"
                try await connection.write(Array(head.utf8))
                #expect(try await connection.answer().status == 200)
                #expect(await connection.isGone())
            }
        }
    }

    @Test(arguments: [("1.0", "Connection: keep-alive"), ("1.1", "Connection: TE")])
    func anotherRequestMayFollow(version: String, header: String) async throws {
        try await TestGateway.run { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                for _ in 0..<2 {
                    let head = "GET /livez HTTP/\(version)\r\nHost: localhost\r\n\(header)\r\n\r\n"
                    try await connection.write(Array(head.utf8))
                    #expect(try await connection.answer().status == 200)
                }
            }
        }
    }

    /// Where every descriptor is a client's, the node can reach neither its database nor SES.
    @Test(arguments: [(65536, 4096, 512), (1024, 384, 192), (256, 96, 48), (1, 1, 1)])
    func clientsDoNotTakeAllDescriptors(openFiles: Int, all: Int, ofOne: Int) {
        var configuration = GatewayConfiguration()
        configuration.fit(openFiles: openFiles)
        #expect(configuration.maximumConnections == all)
        #expect(configuration.maximumConnectionsPerSource == ofOne)
    }

    @Test func whoIsServedIsNotCutOffForANewOne() async throws {
        try await TestGateway.run(configure: { $0.maximumConnections = 1 }) { gateway in
            let (gate, opener) = AsyncStream<Void>.makeStream()
            gateway.store.set { $0.gate = gate }
            try await TestConnection.with(port: gateway.port) { first in
                try await first.write(Self.send(SendTests.good))
                _ = await gateway.store.commits.first { _ in true }
                try await TestConnection.with(port: gateway.port) { second in
                    try? await second.write(Self.probe)
                    #expect(await second.isGone())
                }
                opener.yield()
                #expect(try await first.answer().status == 202)
            }
        }
    }

    @Test func oneSourceDoesNotTakeAllConnections() async throws {
        try await TestGateway.run(configure: { $0.maximumConnectionsPerSource = 1 }) { gateway in
            try await TestConnection.with(port: gateway.port, from: "127.0.0.3") { stranger in
                try await stranger.write(Self.probe)
                #expect(try await stranger.answer().status == 200)
                try await TestConnection.with(port: gateway.port, from: "127.0.0.2") { first in
                    try await first.write(Self.probe)
                    #expect(try await first.answer().status == 200)
                    try await TestConnection.with(port: gateway.port, from: "127.0.0.2") { second in
                        try await second.write(Self.probe)
                        #expect(try await second.answer().status == 200)
                        #expect(await first.isGone())
                    }
                }
                try await stranger.write(Self.probe)
                #expect(try await stranger.answer().status == 200)
            }
        }
    }

    @Test func requestsInAdvanceAreBounded() async throws {
        try await TestGateway.run(configure: { $0.maximumPipelined = 10 }) { gateway in
            let (gate, opener) = AsyncStream<Void>.makeStream()
            gateway.store.set { $0.gate = gate }
            try await TestConnection.with(port: gateway.port) { connection in
                let flood = Self.send(SendTests.good) + Array(repeating: Self.probe, count: 500).flatMap(\.self)
                try await connection.write(flood)
                _ = await gateway.store.commits.first { _ in true }
                // So that the rest has been read as far as it ever is.
                #expect(try await gateway.request("GET", "/livez").status == 200)
                opener.yield()
                var statuses: [Int] = []
                do {
                    while true { statuses.append(try await connection.answer().status) }
                } catch {}
                #expect(statuses.first == 202)
                #expect(statuses.dropFirst().allSatisfy { $0 == 200 })
                #expect(statuses.count >= 10 && statuses.count < 501, "\(statuses.count)")
                #expect(await connection.isGone())
            }
            #expect(gateway.store.accepted.count == 1)
        }
    }

    @Test func whatIsLeftOfAnAnsweredRequestIsNotWaitedForLong() async throws {
        try await TestGateway.run { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                try await connection.write("POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{".utf8)
                #expect(try await connection.answer().status == 401)
                // The idle time is a minute, and so is the test's.
                #expect(await connection.isGone())
            }
        }
    }

    @Test func whoDoesNotReadItsAnswersIsCutOff() async throws {
        try await TestGateway.run(configure: {
            $0.maximumConnections = 1
            $0.idleTimeout = .milliseconds(300)
        }) { gateway in
            let (gate, opener) = AsyncStream<Void>.makeStream()
            gateway.store.set { $0.gate = gate }
            let text = String(repeating: "x", count: 1 << 20)
            gateway.templates.set("large", [TemplateSource(subject: "s", text: text, html: nil)])
            let head =
                "GET /templates/large HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TestDirectory.apaKey)\r\n\r\n"
            let requests = Self.send(SendTests.good) + Array(String(repeating: head, count: 50).utf8)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: false)
                .connect(host: "127.0.0.1", port: gateway.port).get()
            try await channel.writeAndFlush(ByteBuffer(bytes: requests)).get()
            _ = await gateway.store.commits.first { _ in true }
            // It holds the only place, and as long as its answers are not all taken, until that is taken from it.
            await #expect(throws: (any Error).self) { try await gateway.request("GET", "/livez") }
            opener.yield()
            while (try? await gateway.request("GET", "/livez"))?.status != 200 {
                try await Task.sleep(for: .milliseconds(20))
            }
            try? await channel.close()
        }
    }

    @Test(arguments: ["/send", "/send/batch", "/send/broadcast", "/suppressions", "/templates", "/webhooks"])
    func nothingIsInflated(_ path: String) async throws {
        try await TestGateway.run { gateway in
            let type = path == "/send/broadcast" ? "application/x-ndjson" : "application/json"
            for coding in ["gzip", "deflate", "br", "gzip, gzip", "x"] {
                let headers = ["Content-Type": type, "Content-Encoding": coding]
                let answer = try await gateway.request("POST", path, headers: headers, body: SendTests.good)
                #expect(answer.status == 415)
                #expect(answer.code == "unsupported_media_type")
                #expect(answer.headers["accept-encoding"] == "identity")
            }
        }
    }

    @Test func aPlainBodyMaySaySo() async throws {
        try await TestGateway.run { gateway in
            let headers = ["Content-Type": "application/json", "Content-Encoding": "identity"]
            let answer = try await gateway.request("POST", "/send", headers: headers, body: SendTests.good)
            #expect(answer.status == 202)
        }
    }

    @Test func headsAreBounded() async throws {
        try await TestGateway.run { gateway in
            let many = (0..<200).map { "X-\($0): 1\r\n" }.joined()
            let long = "X: \(String(repeating: "x", count: 20 << 10))\r\n"
            let much = (0..<60).map { "X-\($0): \(String(repeating: "x", count: 2 << 10))\r\n" }.joined()
            for headers in [many, long, much] {
                try await TestConnection.with(port: gateway.port) { connection in
                    try? await connection.write("GET /livez HTTP/1.1\r\nHost: x\r\n\(headers)\r\n".utf8)
                    let answer = try await connection.answer()
                    #expect(answer.status == 400)
                    #expect(answer.code == "invalid_request")
                }
            }
            let path = "/" + String(repeating: "x", count: 100 << 10)
            try await TestConnection.with(port: gateway.port) { connection in
                try? await connection.write("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
                #expect((try? await connection.answer().status) ?? 400 == 400)
            }
        }
    }

    @Test(arguments: ["[", #"{"a":"#, #"[{"a":"#])
    func deepTextsAreRefusedEarly(_ opening: String) async throws {
        try await TestGateway.run { gateway in
            let body = String(repeating: opening, count: 200_000)
            for path in ["/send", "/send/batch"] {
                let answer = try await gateway.json("POST", path, body)
                #expect(answer.status == 422)
                #expect(answer.code == "invalid_message")
            }
            #expect(try await gateway.send(SendTests.good).status == 202)
        }
    }
}
