import Outbound
import Testing

/// Each phase has its own limit, and after a timeout the connection is reset.
@Suite struct TimeoutTests {
    @Test func `A TLS handshake without answer is a connect timeout and leaves nothing`() async throws {
        let server = try ScriptedServer { $0.watchEnd() }
        try await withClient { client in
            var request = OutboundRequest.post("https://127.0.0.1:\(server.port)/", "body")
            request.timeouts.connect = .milliseconds(150)
            let error = try await client.failure(request)
            #expect(error.code == .timedOut(.connect))
            #expect(error.code.timedOutPhase == .connect)
            #expect(!error.bytesLeft)
            try await eventually("the connection is reset") { server.ends == [.reset] }
        }
    }

    @Test func `Waiting for one of the host's connections counts as connecting`() async throws {
        let gate = Gate()
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            gate.wait()
            connection.respond()
        }
        try await withClient(.init(maxConnectionsPerHost: 1)) { client in
            async let first = client.send(.post(server.url, "body"))
            try await eventually("the first has the connection") { server.requests.count == 1 }
            var request = OutboundRequest.post(server.url, "body")
            request.timeouts.connect = .milliseconds(200)
            let second = try await client.failure(request)
            #expect(second.code == .timedOut(.connect))
            #expect(!second.bytesLeft)
            gate.open()
            let status = try await first.status
            #expect(status == 200)
        }
    }

    @Test func `A silent server is a response timeout, and sees a reset`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.watchEnd()
        }
        try await withClient { client in
            var request = OutboundRequest.post(server.url, "body")
            request.timeouts.response = .milliseconds(150)
            let start = ContinuousClock.now
            let error = try await client.failure(request)
            #expect(error.code == .timedOut(.response))
            #expect(error.bytesLeft)
            #expect(error.wholeRequestLeft)
            #expect(error.endedAt >= start + .milliseconds(150))
            #expect(error.endedAt <= .now)
            try await eventually("the connection is reset") { server.ends == [.reset] }
        }
    }

    @Test func `A body that does not get away ends with the total time`() async throws {
        let gate = Gate()
        let server = try ScriptedServer(receiveBuffer: 4096) { connection in
            _ = connection.readHead()
            gate.wait()
            connection.watchEnd()
        }
        try await withClient { client in
            var request = OutboundRequest.post(server.url, [UInt8](repeating: 1, count: 64 << 20))
            request.timeouts = Timeouts(connect: .seconds(9), response: .milliseconds(50), total: .milliseconds(400))
            let error = try await client.failure(request)
            #expect(error.code == .timedOut(.total))
            #expect(error.bytesLeft)
            #expect(!error.wholeRequestLeft)
            gate.open()
            try await eventually("the connection is reset") { server.ends == [.reset] }
        }
    }

    @Test func `Waiting for a free transfer counts into the total time`() async throws {
        let gate = Gate()
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                gate.wait()
                connection.respond()
            }
        }
        try await withClient(.init(maxConcurrentTransfers: 1)) { client in
            async let first = client.send(.post(server.url, "1"))
            try await eventually("the first is under way") { server.requests.count == 1 }
            var request = OutboundRequest.post(server.url, "2")
            request.timeouts.total = .milliseconds(100)
            let second = try await client.failure(request)
            #expect(second.code == .timedOut(.total))
            #expect(!second.bytesLeft)
            gate.open()
            let status = try await first.status
            #expect(status == 200)
            let connectionReused3 = try await client.send(.post(server.url, "3")).connectionReused
            #expect(connectionReused3)
        }
        #expect(server.requests.map(\.body) == [Array("1".utf8), Array("3".utf8)])
    }

    @Test func `A connection is not used again after a timeout`() async throws {
        let server = try ScriptedServer { connection in
            while let request = connection.readRequest() {
                if request.target == "/slow" { return connection.watchEnd() }
                connection.respond()
            }
        }
        try await withClient { client in
            _ = try await client.send(.post(server.url, "1"))
            var slow = OutboundRequest.post(server.url + "/slow", "2")
            slow.timeouts.response = .milliseconds(100)
            let code = try await client.failure(slow).code
            #expect(code == .timedOut(.response))
            let connectionReused5 = try await client.send(.post(server.url, "3")).connectionReused
            #expect(!connectionReused5)
            try await eventually("the connection is reset") { server.ends == [.reset] }
        }
    }
}
