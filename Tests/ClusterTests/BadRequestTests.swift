import Testing

extension RealProcesses.OneByOne {
    /// Requests that no decent client makes, over real sockets, to a node with a real database.
    @Suite("Bad requests") struct BadRequestTests {
        private func head(_ api: TenantAPI, _ fields: String...) -> [UInt8] {
            let lines =
                [
                    "POST /send HTTP/1.1", "Host: localhost", "Authorization: Bearer \(api.key)",
                    "Content-Type: application/json",
                ] + fields
            return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        }

        private func hasAnswered(_ connection: RawConnection, _ status: Int, _ code: String) -> Bool {
            connection.text.hasPrefix("HTTP/1.1 \(status) ") && connection.text.contains(#""code":"\#(code)""#)
        }

        @Test("Each is refused, nothing is stored, and the next good one is served", .timeLimit(.minutes(5)))
        func refused() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                try await truncated(node, api)
                try await invalidText(node, api)
                try await announcedTooLarge(node, api)
                try await streamedTooLarge(node, api)
                #expect(try await cluster.rows(in: "message", "outbox", "ready", "body") == 0)
                let good = try await api.send(Submission())
                #expect(try await api.ended([good.id]).values.map(\.status) == ["sent"])
                #expect(try await cluster.simulator.summary().accepted == 1)
            }
        }

        private func truncated(_ node: Node, _ api: TenantAPI) async throws {
            try await RawConnection.with(node.ports.tenants) { connection in
                try await connection.write(head(api, "Content-Length: 500"))
                try await connection.write(Array(#"{"from": "shop@apa.example", "to": "reader@ex"#.utf8))
                try await connection.finish()
                try await eventually("a truncated body is refused") { hasAnswered(connection, 400, "invalid_json") }
            }
        }

        private func invalidText(_ node: Node, _ api: TenantAPI) async throws {
            var body = Array(#"{"from": "shop@apa.example", "to": "r@example.org", "subject": "S", "text": ""#.utf8)
            body += [0x47, 0x72, 0xFC, 0xDF, 0x65] + Array(#""}"#.utf8)
            try await RawConnection.with(node.ports.tenants) { [body] connection in
                try await connection.write(head(api, "Content-Length: \(body.count)") + body)
                try await eventually("Latin-1 is refused") { hasAnswered(connection, 400, "invalid_json") }
            }
        }

        /// The announcement suffices: not a byte of the body is sent.
        private func announcedTooLarge(_ node: Node, _ api: TenantAPI) async throws {
            try await RawConnection.with(node.ports.tenants) { connection in
                try await connection.write(head(api, "Content-Length: 60000000"))
                let text = try await connection.textToEnd()
                #expect(text.hasPrefix("HTTP/1.1 413 ") && text.contains(#""code":"too_large""#))
            }
        }

        /// Without an announcement it is read up to the limit, and not to its end.
        private func streamedTooLarge(_ node: Node, _ api: TenantAPI) async throws {
            let size = 1 << 20
            let chunk = Array("100000\r\n".utf8) + [UInt8](repeating: 0x20, count: size) + Array("\r\n".utf8)
            try await RawConnection.with(node.ports.tenants) { connection in
                try await connection.write(head(api, "Transfer-Encoding: chunked"))
                var written = 0
                while written < 200, connection.text.isEmpty {
                    do { try await connection.write(chunk) } catch { break }
                    written += 1
                }
                try await eventually("a streamed body is refused") { hasAnswered(connection, 413, "too_large") }
                #expect(written < 200, "the answer comes before the end of the body")
            }
        }
    }
}
