import Foundation
import Gateway
import Logging
import Mail
import ServiceLifecycle
import Telemetry
import Testing

/// Keys, routes, request ids and connections of the public listener.
@Suite(.timeLimit(.minutes(5))) struct ListenerTests {
    @Test(arguments: ["/send", "/messages/018f0000-0000-7000-8000-000000000000"])
    func wantsAKey(_ path: String) async throws {
        try await TestGateway.run { gateway in
            let method = path == "/send" ? "POST" : "GET"
            for headers in [
                [:], ["Authorization": "Bearer"], ["Authorization": "Bearer sk_live_nobody"],
                ["Authorization": "Basic \(TestDirectory.apaKey)"],
                ["Authorization": "Bearer \(String(repeating: "x", count: 5000))"],
            ] {
                let answer = try await gateway.request(method, path, key: nil, headers: headers)
                #expect(answer.status == 401)
                #expect(answer.code == "invalid_key")
                #expect(answer.headers["www-authenticate"] == "Bearer")
                #expect(answer.headers["content-type"] == "application/problem+json")
            }
            let answer = try await gateway.request(method, path, key: TestDirectory.adminKey)
            #expect(answer.status == 403)
            #expect(answer.code == "missing_scope")
        }
    }

    @Test func acceptsTheSchemeInAnyCase() async throws {
        try await TestGateway.run { gateway in
            let headers = ["Authorization": "bearer  \(TestDirectory.apaKey)", "Content-Type": "application/json"]
            let answer = try await gateway.request("POST", "/send", key: nil, headers: headers, body: SendTests.good)
            #expect(answer.status == 202)
        }
    }

    @Test func refusesSendsOfAPausedTenant() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.send(SendTests.good, key: TestDirectory.pausedKey)
            #expect(answer.status == 403)
            #expect(answer.code == "tenant_paused")
            let id = "018f0000-0000-7000-8000-000000000000"
            #expect(try await gateway.request("GET", "/messages/\(id)", key: TestDirectory.pausedKey).status == 404)
        }
    }

    @Test func waitsForTheDirectory() async throws {
        try await TestGateway.run(isLoaded: false) { gateway in
            let early = try await gateway.send(SendTests.good)
            #expect(early.status == 503)
            #expect(early.code == "database_unavailable")
            #expect(early.headers["retry-after"] == "2")
            gateway.directory.load()
            #expect(try await gateway.send(SendTests.good).status == 202)
        }
    }

    @Test(arguments: ["/", "/admin", "/admin/tenants", "/metrics", "/send/x", "/nothing?x=1", "/%00", "//"])
    func knowsNoOtherPath(_ path: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", path)
            #expect(answer.status == 404)
            #expect(answer.code == "not_found")
            #expect(answer.headers["content-type"] == "application/problem+json")
        }
    }

    @Test func saysWhatAPathTakes() async throws {
        try await TestGateway.run { gateway in
            let send = try await gateway.request("GET", "/send", key: nil)
            #expect(send.status == 405)
            #expect(send.code == "method_not_allowed")
            #expect(send.headers["allow"] == "POST")
            let message = try await gateway.request("DELETE", "/messages/x")
            #expect(message.status == 405)
            #expect(message.headers["allow"] == "GET, HEAD")
            #expect(try await gateway.request("PROPFIND", "/send").status == 404)
        }
    }

    @Test func aProblemIsWhole() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/nothing", headers: ["X-Request-Id": "abc-1"])
            #expect(
                answer.body
                    == #"{"type":"/docs/problems/not_found","title":"There is no such thing","status":404,"#
                    + #""detail":"there is nothing at this path","instance":"/requests/abc-1","code":"not_found"}"#
            )
        }
    }

    @Test func echoesASaneRequestID() async throws {
        try await TestGateway.run { gateway in
            let sane = try await gateway.request("GET", "/livez", headers: ["X-Request-Id": "a/b:1%"])
            #expect(sane.headers["x-request-id"] == "a/b:1%")
            let problem = try await gateway.request("GET", "/x", headers: ["X-Request-Id": "a/b:1%\"<"])
            #expect(problem.json["instance"] as? String == "/requests/a%2Fb%3A1%25%22%3C")
            for bad in ["a b", String(repeating: "x", count: 129), ""] {
                let made = try await gateway.request("GET", "/livez", headers: ["X-Request-Id": bad])
                let id = try #require(made.headers["x-request-id"])
                #expect(id.count == 36)
                #expect(id == id.lowercased())
            }
        }
    }

    @Test func servesSeveralRequestsOfAConnection() async throws {
        try await TestGateway.run { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                let body = SendTests.good
                let send = RequestLimitTests.head(length: body.utf8.count) + Array(body.utf8)
                let bad = RequestLimitTests.head(length: 2) + Array("[]".utf8)
                let probe = Array("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
                try await connection.write(send + bad + probe)
                #expect(try await connection.answer().status == 202)
                #expect(try await connection.answer().status == 422)
                #expect(try await connection.answer().status == 200)
                // A refusal without a look at a small body leaves the connection usable too.
                try await connection.write(
                    Array("POST /send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}".utf8) + probe
                )
                #expect(try await connection.answer().status == 401)
                #expect(try await connection.answer().status == 200)
            }
        }
    }

    @Test func closesAfterAnUnreadBody() async throws {
        try await TestGateway.run { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                try await connection.write(
                    "POST /send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{".utf8
                )
                let answer = try await connection.answer()
                #expect(answer.status == 401)
                #expect(answer.headers["connection"] == "close")
                #expect(try await connection.isAtEnd())
            }
        }
    }

    @Test func answersHeadWithoutABody() async throws {
        try await TestGateway.run { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                let head = "HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n"
                try await connection.write((head + "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").utf8)
                let text = try await connection.text(until: "alive\"}")
                #expect(text.components(separatedBy: "HTTP/1.1 ").count == 3)
                #expect(!text.contains("not_found"))
            }
        }
    }

    @Test(arguments: [
        "hello\r\n\r\n", "BREW /send HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 1 << 17))\r\n\r\n",
        "GET / HTTP/1.1\r\nBad Name: 1\r\n\r\n",
    ])
    func answersWhatIsNoRequest(_ text: String) async throws {
        try await TestGateway.run { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                try await connection.write(text.utf8)
                let answer = try await connection.answer()
                #expect(answer.status == 400)
                #expect(answer.code == "invalid_request")
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(answer.headers["connection"] == "close")
                let id = try #require(answer.headers["x-request-id"])
                #expect(answer.json["instance"] as? String == "/requests/\(id)")
            }
        }
    }

    @Test func saysContinue() async throws {
        try await TestGateway.run { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                let body = SendTests.good
                let head = String(decoding: RequestLimitTests.head(length: body.utf8.count), as: UTF8.self)
                try await connection.write((head.dropLast() + "Expect: 100-continue\r\n\r\n").utf8)
                #expect(try await connection.answer().status == 100)
                try await connection.write(body.utf8)
                #expect(try await connection.answer().status == 202)
                let large = String(decoding: RequestLimitTests.head(length: 1 << 30), as: UTF8.self)
                try await connection.write((large.dropLast() + "Expect: 100-continue\r\n\r\n").utf8)
                #expect(try await connection.answer().status == 413)
            }
        }
    }

    @Test func drains() async throws {
        try await TestGateway.run { gateway in
            let (gate, opener) = AsyncStream<Void>.makeStream()
            gateway.store.set { $0.gate = gate }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    let answer = try await gateway.send(SendTests.good)
                    #expect(answer.status == 202)
                }
                _ = await gateway.store.commits.first { _ in true }
                gateway.readiness.advance(to: .draining)
                let answer = try await gateway.request("GET", "/messages/x")
                #expect(answer.status == 503)
                #expect(answer.code == "draining")
                #expect(answer.headers["connection"] == "close")
                #expect(answer.headers["retry-after"] == "1")
                #expect(try await gateway.request("GET", "/readyz").status == 503)
                #expect(try await gateway.request("GET", "/livez").status == 200)
                // The listener stops; the open request is answered all the same.
                await gateway.shutdown()
                opener.yield()
                try await tasks.waitForAll()
            }
            #expect(gateway.store.accepted.count == 1)
        }
    }

    /// Nobody else has to tell the load balancer.
    @Test func aStopIsSeenInTheReadiness() async throws {
        try await TestGateway.run { gateway in
            let (gate, opener) = AsyncStream<Void>.makeStream()
            gateway.store.set { $0.gate = gate }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    // The open request keeps the listener from ending.
                    let answer = try await gateway.send(SendTests.good)
                    #expect(answer.status == 202)
                }
                _ = await gateway.store.commits.first { _ in true }
                #expect(gateway.readiness.report.phase == .ready)
                await gateway.shutdown()
                while gateway.readiness.report.phase != .draining { try await Task.sleep(for: .milliseconds(1)) }
                opener.yield()
                try await tasks.waitForAll()
            }
        }
    }

    @Test func namesATakenPort() async throws {
        try await TestGateway.run { gateway in
            var configuration = GatewayConfiguration()
            configuration.operatorAddress = ListenAddress(host: "127.0.0.1", port: gateway.port)
            let server = OperatorServer(
                configuration: configuration,
                readiness: gateway.readiness,
                metrics: gateway.metrics,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let error = await #expect(throws: GatewayError.self) { try await server.run() }
            #expect(error?.code == .addressInUse)
            #expect(error?.message.contains("127.0.0.1:\(gateway.port)") == true)
        }
    }

    @Test func readsAddresses() throws {
        #expect(try ListenAddress(parsing: "127.0.0.1:8080") == ListenAddress(host: "127.0.0.1", port: 8080))
        #expect(try ListenAddress(parsing: "[::1]:0") == ListenAddress(host: "::1", port: 0))
        #expect(try ListenAddress(parsing: "[::1]:0").description == "[::1]:0")
        for bad in ["", "8080", ":8080", "host:", "host:x", "host:70000", "::1:80", "host:-1"] {
            #expect(throws: GatewayError.self) { try ListenAddress(parsing: bad) }
        }
    }
}
