import Testing

extension RealProcesses {
    /// Beside the others, since it only waits.
    @Suite("Slow clients") struct SlowClientTests {
        @Test(
            "Clients that never finish their request are cut off, and nobody waits for them",
            .timeLimit(.minutes(10))
        )
        func slow() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                try await withThrowingTaskGroup { group in
                    for _ in 0..<50 { group.addTask { try await dawdle(node.ports.tenants) } }
                    for number in 0..<20 {
                        let started = ContinuousClock.now
                        _ = try await api.send(Submission(to: ["reader\(number)@example.org"]))
                        #expect(ContinuousClock.now - started < .seconds(30))
                    }
                    try await group.waitForAll()
                }
                #expect(try await node.status(of: "/readyz") == 200)
            }
        }

        /// Sends a header a byte a second until it is cut off.
        private func dawdle(_ port: Int) async throws {
            try await RawConnection.with(port) { connection in
                try await connection.write(Array("POST /send HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".utf8))
                try await eventually("a slow client is cut off", within: .seconds(180), every: .seconds(1)) {
                    if connection.isAtEnd { return true }
                    do { try await connection.write([0x61]) } catch { return true }
                    return false
                }
            }
        }
    }
}
