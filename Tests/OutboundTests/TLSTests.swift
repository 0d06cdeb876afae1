import Outbound
import Testing

/// HTTPS against `openssl s_server`.
@Suite struct TLSTests {
    private static func withServer(
        name: String = "IP:127.0.0.1",
        _ body: (TLSServer) async throws -> Void
    ) async throws {
        let server = try await TLSServer(name: name)
        defer { server.stop() }
        try await body(server)
    }

    @Test func `A certificate of the configured authority is trusted, and the body arrives`() async throws {
        try await Self.withServer { server in
            try await withClient(.init(caFile: server.caFile)) { client in
                for number in 1...2 {
                    async let answer = client.send(.post(server.url, "body number \(number)"))
                    try await eventually("the body is in") { server.received.contains("body number \(number)") }
                    try server.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    let response = try await answer
                    #expect(response.body == Array("ok".utf8))
                    #expect(response.connectionReused == (number == 2))
                    #expect((response.timings.tls > .zero) == (number == 1))
                    #expect(response.bodySentAt != nil)
                }
            }
        }
    }

    @Test func `Another authority, the system's, or another name is a TLS error and leaves nothing`() async throws {
        try await Self.withServer { server in
            for caFile in [server.otherCAFile, nil, "/nonexistent.pem"] {
                try await withClient(.init(caFile: caFile)) { client in
                    let error = try await client.failure(.post(server.url, "secret body"))
                    #expect(error.code == .tls)
                    #expect(!error.bytesLeft)
                }
            }
            #expect(!server.received.contains("secret body"))
        }
        try await Self.withServer(name: "DNS:example.org") { server in
            try await withClient(.init(caFile: server.caFile)) { client in
                let error = try await client.failure(.post(server.url, "secret body"))
                #expect(error.code == .tls)
                #expect(!error.bytesLeft)
            }
            #expect(!server.received.contains("secret body"))
        }
    }

    @Test func `A peer that does not speak TLS is a TLS error and leaves nothing`() async throws {
        let server = try ScriptedServer { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.watchEnd()
        }
        try await withClient { client in
            let error = try await client.failure(.post("https://127.0.0.1:\(server.port)", "body"))
            #expect(error.code == .tls)
            #expect(!error.bytesLeft)
        }
    }
}
