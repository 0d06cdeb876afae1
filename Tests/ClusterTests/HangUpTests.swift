import Foundation
import Testing

extension RealProcesses.OneByOne {
    /// Clients that go away before they hear the answer.
    @Suite("Hanging up") struct HangUpTests {
        @Test("A client that hangs up has its message in or out, and its key tells which", .timeLimit(.minutes(5)))
        func hangUp() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                let count = 60
                for number in 0..<count {
                    try await RawConnection.with(node.ports.tenants) { connection in
                        try await connection.write(request(api, number))
                        // Some before the request is read, some while it is accepted, some with the answer on its way.
                        try await Task.sleep(for: .microseconds(number * 200))
                    }
                }
                var ids: Set<String> = []
                for number in 0..<count {
                    let answer = try await settled(node, api, number)
                    #expect(answer.hasPrefix("HTTP/1.1 202 "))
                    if let range = answer.range(of: #""id":""#) {
                        ids.insert(String(answer[range.upperBound...].prefix(36)))
                    }
                }
                #expect(ids.count == count)
                #expect(try await cluster.rows(in: "message") == count)
                #expect(try await cluster.rows(in: "outbox") == count)
                #expect(try await cluster.rows(in: "idempotency") == count)
            }
        }

        private func request(_ api: TenantAPI, _ number: Int) -> [UInt8] {
            let body = #"{"from":"shop@apa.example","to":"r\#(number)@example.org","subject":"S","text":"t"}"#
            let lines = [
                "POST /send HTTP/1.1", "Host: localhost", "Authorization: Bearer \(api.key)",
                "Content-Type: application/json", "Idempotency-Key: hang-up-\(number)",
                "Content-Length: \(body.utf8.count)", "Connection: close", "", body,
            ]
            return Array(lines.joined(separator: "\r\n").utf8)
        }

        /// The answer to the same request once the first is over.
        private func settled(_ node: Node, _ api: TenantAPI, _ number: Int) async throws -> String {
            for _ in 0..<500 {
                let text = try await RawConnection.with(node.ports.tenants) { connection in
                    try await connection.write(request(api, number))
                    return try await connection.textToEnd()
                }
                if !text.hasPrefix("HTTP/1.1 409 ") { return text }
            }
            throw TestFailure("a request is still running")
        }
    }
}
