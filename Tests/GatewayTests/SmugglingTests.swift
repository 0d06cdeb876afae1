import Outbox
import Testing

/// Requests whose end a proxy may see elsewhere than we do, and heads that mean more than one thing. What would be smuggled is a
/// good message, so that it would be seen.
@Suite(.timeLimit(.minutes(5))) struct SmugglingTests {
    private static let hidden = post("Content-Length: \(SendTests.good.utf8.count)", SendTests.good)
    private static let probe = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"

    private static func post(_ fields: String, _ rest: String, version: String = "1.1") -> String {
        let lines = [
            "POST /send HTTP/\(version)", "Host: x", "Authorization: Bearer \(TestDirectory.apaKey)",
            "Content-Type: application/json", fields, "", rest,
        ]
        return lines.joined(separator: "\r\n")
    }

    /// Sends the bytes, says nothing more, and returns what is answered until the other side closes.
    private func answers(_ gateway: TestGateway, _ text: String) async throws -> [TestAnswer] {
        try await TestConnection.with(port: gateway.port) { connection in
            try? await connection.write(text.utf8)
            var answers: [TestAnswer] = []
            do {
                while true { answers.append(try await connection.answer()) }
            } catch is TestAnswer.Incomplete {
                return answers
            }
        }
    }

    private static let chunks = "0\r\n\r\n"

    @Test(arguments: [
        // Two lengths.
        post("Content-Length: 4\r\nTransfer-Encoding: chunked", chunks + hidden),
        post("Transfer-Encoding: chunked\r\nContent-Length: 4", chunks + hidden),
        post("Content-Length: 0\r\nContent-Length: \(hidden.utf8.count)", hidden),
        post("Content-Length: 2\r\nContent-Length: 2", "{}" + hidden), post("Content-Length: 2, 2", "{}" + hidden),
        // A length that is none.
        post("Content-Length: +2", "{}" + hidden), post("Content-Length: -1", hidden),
        post("Content-Length: 0x2", "{}" + hidden), post("Content-Length: ", hidden),
        post("Content-Length: 2 2", "{}" + hidden), post("Content-Length: 99999999999999999999", hidden),
        post("Content-Length : 2", "{}" + hidden),
        // A coding that is none, or that we do not undo.
        post("Transfer-Encoding: identity", hidden), post("Transfer-Encoding: xchunked", chunks + hidden),
        post("Transfer-Encoding: gzip", hidden), post("Transfer-Encoding: chunked, identity", chunks + hidden),
        post("Transfer-Encoding: identity, chunked", chunks + hidden),
        post("Transfer-Encoding: gzip, chunked", chunks + hidden),
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", chunks + hidden),
        post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", chunks + hidden),
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", chunks + hidden),
        post("Transfer-Encoding: \"chunked\"", chunks + hidden), post("Transfer-Encoding : chunked", chunks + hidden),
        post("Transfer-Encoding: \u{0B}chunked", chunks + hidden),
        post("Transfer-Encoding:\r\n chunked", chunks + hidden),
        // Lines that are folded, ended or begun otherwise.
        post("Content-Length: 2\r\n 0", "{}" + hidden), post("X: a\r\n b\r\nContent-Length: 2", "{}" + hidden),
        post("X: a\rContent-Length: 2", "{}" + hidden), post("X: a\nContent-Length: 2", "{}" + hidden),
        post("X: a\u{0}b\r\nContent-Length: 2", "{}" + hidden), post("Content-Length 2", "{}" + hidden),
        post(" Content-Length: 2", "{}" + hidden), "GET /livez HTTP/1.1\nHost: x\n\n" + hidden,
        "GET /livez HTTP/1.1\r\n Host: x\r\n\r\n" + hidden,
        // Hosts.
        "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + hidden,
        "GET /livez HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n" + hidden,
        // Other protocols, and lines that are none.
        "GET /livez\r\n\r\n" + hidden, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden,
        "GET /livez HTTP/9.9\r\nHost: x\r\n\r\n" + hidden, "GET /livez x HTTP/1.1\r\nHost: x\r\n\r\n" + hidden,
        "GET /livez\tx HTTP/1.1\r\nHost: x\r\n\r\n" + hidden, "GET /liv\u{E4}z HTTP/1.1\r\nHost: x\r\n\r\n" + hidden,
    ])
    func isRefusedAndEndsTheConnection(_ text: String) async throws {
        try await TestGateway.run { gateway in
            let answers = try await answers(gateway, text)
            #expect(answers.map(\.status) == [400])
            #expect(answers.first?.code == "invalid_request")
            #expect(answers.first?.headers["connection"] == "close")
            #expect(gateway.store.accepted.isEmpty)
            #expect(gateway.keys.uses == 0)
        }
    }

    /// What comes behind an answer is not reached either, and what was asked before is answered.
    @Test func behindAGoodRequestNothingIsSmuggled() async throws {
        try await TestGateway.run { gateway in
            for bad in [
                Self.post("Transfer-Encoding: gzip, chunked", Self.chunks),
                "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            ] {
                let answers = try await answers(gateway, Self.probe + bad + Self.hidden)
                #expect(answers.first?.status == 200)
                #expect(answers.count == 1 || answers.map(\.status) == [200, 400])
            }
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test(arguments: [
        "0x2\r\n{}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n", "+2\r\n{}\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n",
        "1\r\n{}\r\n0\r\n\r\n", "2\n{}\n0\n\n", "2;\n{}\r\n0\r\n\r\n", "2 \u{0B}\r\n{}\r\n0\r\n\r\n",
        "\r\n{}\r\n0\r\n\r\n",
    ])
    func aChunkThatIsNoneEndsTheConnection(_ chunks: String) async throws {
        try await TestGateway.run { gateway in
            let answers = try await answers(gateway, Self.post("Transfer-Encoding: chunked", chunks + Self.hidden))
            #expect(answers.map(\.status) == [400])
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    /// Before HTTP/1.1 there were no chunks. What comes behind them is not taken for a request.
    @Test func anOldRequestIsTheLast() async throws {
        try await TestGateway.run { gateway in
            let old = Self.post("Transfer-Encoding: chunked", Self.chunks + Self.hidden, version: "1.0")
            let chunked = try await answers(gateway, old)
            #expect(chunked.allSatisfy { $0.status == 400 })
            let silent = try await answers(gateway, "GET /livez HTTP/1.0\r\n\r\n" + Self.hidden)
            #expect(silent.first?.status == 200 && silent.dropFirst().allSatisfy { $0.status == 400 })
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test func aTrailerChangesNothing() async throws {
        try await TestGateway.run { gateway in
            let body = SendTests.good
            let chunk = String(body.utf8.count, radix: 16) + "\r\n" + body + "\r\n0\r\n"
            let trailers =
                "Authorization: Bearer \(TestDirectory.omvKey)\r\nIdempotency-Key: x\r\n\r\n"
            let answer = try await gateway.exchange(
                Array(Self.post("Transfer-Encoding: chunked", chunk + trailers).utf8)
            )
            #expect(answer.status == 202, "\(answer.body)")
            #expect(gateway.store.accepted.map(\.tenantID) == [1])
        }
    }

    @Test func twoKeysAreNone() async throws {
        try await TestGateway.run { gateway in
            for (first, second) in [
                (TestDirectory.apaKey, TestDirectory.omvKey), (TestDirectory.omvKey, TestDirectory.apaKey),
                ("x", TestDirectory.apaKey),
            ] {
                let answer = try await gateway.exchange(
                    Array(
                        "GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(first)\r\nAuthorization: Bearer \(second)\r\n\r\n"
                            .utf8
                    )
                )
                #expect(answer.status == 401 && answer.code == "invalid_key")
            }
        }
    }

    /// Whom a request says it is for decides nothing, and stands in no answer.
    @Test(arguments: [
        "GET http://evil.example/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://evil.example/events HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://evil.example HTTP/1.1\r\nHost: x\r\n\r\n", "GET //evil.example/docs HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
        "GET /openapi.json HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n\r\n",
        "GET /docs HTTP/1.1\r\nHost: a/../b@evil.example\r\nX-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    ])
    func aHostDecidesNothing(_ text: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.exchange(Array(text.utf8))
            #expect([200, 401, 404].contains(answer.status))
            #expect(!"\(answer.headers) \(answer.body)".contains("evil.example"))
        }
    }
}
