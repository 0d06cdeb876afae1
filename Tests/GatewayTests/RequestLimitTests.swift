import Gateway
import Mail
import Testing

/// What is refused because of its size, its type or its time.
@Suite(.timeLimit(.minutes(5))) struct RequestLimitTests {
    @Test func refusesAnAnnouncedBodyUnread() async throws {
        try await TestGateway.run(configure: { $0.maximumMessageBytes = 1 << 20 }) { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                try await connection.write(Self.head(length: 100 << 20))
                let answer = try await connection.answer()
                #expect(answer.status == 413)
                #expect(answer.code == "too_large")
                #expect(answer.headers["connection"] == "close")
                #expect(try await connection.isAtEnd())
            }
        }
    }

    @Test func refusesAStreamedBodyWhereItIsTooLarge() async throws {
        try await TestGateway.run(configure: { $0.maximumMessageBytes = 64 << 10 }) { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                try await connection.write(Self.head(length: nil))
                let chunk = "10000\r\n" + String(repeating: " ", count: 1 << 16) + "\r\n"
                // Half of it is beyond the limit; the client never ends the body.
                for _ in 0..<36 { try await connection.write(chunk.utf8) }
                let answer = try await connection.answer()
                #expect(answer.status == 413)
                #expect(answer.code == "too_large")
            }
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test func refusesAMessageThatIsTooLarge() async throws {
        try await TestGateway.run(configure: { $0.maximumMessageBytes = 10_000 }) { gateway in
            let text = String(repeating: "x", count: 10_001)
            let answer = try await gateway.send(
                #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"\#(text)"}"#
            )
            #expect(answer.status == 413)
            #expect(answer.code == "too_large")
        }
    }

    @Test func acceptsAMessageOfFullSize() async throws {
        try await TestGateway.run(configure: { $0.maximumMessageBytes = 1 << 20 }) { gateway in
            let head = "From: a@apa.example\r\n\r\n"
            let line = String(repeating: "x", count: 98) + "\r\n"
            let raw = head + String(repeating: line, count: ((1 << 20) - head.utf8.count) / 100)
            let answer = try await gateway.send(BadMessageTests.raw(raw))
            #expect(answer.status == 202)
        }
    }

    @Test func boundsTheBodiesInMemory() async throws {
        try await TestGateway.run(configure: { $0.maximumBodyBytesAtOnce = 200 }) { gateway in
            let text = String(repeating: "x", count: 100)
            let big = #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"\#(text)"}"#
            let refused = try await gateway.send(big)
            #expect(refused.status == 429)
            #expect(refused.code == "queue_full")
            #expect(refused.headers["retry-after"] == "1")
            // More than all that is there.
            let longText = String(repeating: "x", count: 300)
            let bigger = try await gateway.send(
                #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"\#(longText)"}"#
            )
            #expect(bigger.status == 503)
            #expect(bigger.code == "overloaded")
            // What was taken was given back.
            #expect(try await gateway.send(SendTests.good).status == 202)
            #expect(try await gateway.send(SendTests.good).status == 202)
        }
    }

    @Test func givesUpOnABodyThatTrickles() async throws {
        try await TestGateway.run(configure: { $0.bodyTimeout = .zero }) { gateway in
            let answer = try await gateway.send(SendTests.good)
            #expect(answer.status == 408)
            #expect(answer.code == "request_timeout")
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test func closesAConnectionThatIsSilent() async throws {
        try await TestGateway.run(configure: { $0.idleTimeout = .milliseconds(50) }) { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                try? await connection.write("GET /livez HTTP/1.1\r\nHost: ".utf8)
                #expect(await connection.isGone())
            }
        }
    }

    @Test(arguments: [nil, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=iso-8859-1"])
    func refusesOtherTypes(_ type: String?) async throws {
        try await TestGateway.run { gateway in
            let headers = type.map { ["Content-Type": $0] } ?? [:]
            let answer = try await gateway.request("POST", "/send", headers: headers, body: SendTests.good)
            #expect(answer.status == 415)
            #expect(answer.code == "unsupported_media_type")
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test(arguments: ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""])
    func acceptsJSON(_ type: String) async throws {
        try await TestGateway.run { gateway in
            let headers = ["Content-Type": type]
            let answer = try await gateway.request("POST", "/send", headers: headers, body: SendTests.good)
            #expect(answer.status == 202)
        }
    }

    @Test func acceptsChunks() async throws {
        try await TestGateway.run { gateway in
            let body = SendTests.good
            let middle = body.utf8.count / 2
            let parts = [body.prefix(middle), body.dropFirst(middle)]
            let chunks = parts.map { String($0.utf8.count, radix: 16) + "\r\n" + $0 + "\r\n" }.joined() + "0\r\n\r\n"
            let answer = try await gateway.exchange(Self.head(length: nil) + Array(chunks.utf8))
            #expect(answer.status == 202)
        }
    }

    static func head(length: Int?) -> [UInt8] {
        let framing = length.map { "Content-Length: \($0)" } ?? "Transfer-Encoding: chunked"
        let lines = [
            "POST /send HTTP/1.1", "Host: localhost", "Authorization: Bearer \(TestDirectory.apaKey)",
            "Content-Type: application/json", framing, "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }
}
