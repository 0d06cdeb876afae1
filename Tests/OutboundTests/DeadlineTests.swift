import Outbound
import Synchronization
import Testing

/// No request becomes complete on the wire after its deadline.
@Suite struct DeadlineTests {
    @Test(arguments: [nil, "", "body"])
    func `After the deadline nothing is started`(body: String?) async throws {
        let server = try ScriptedServer()
        try await withClient { client in
            var request = OutboundRequest(method: .post, url: server.url, body: body.map { Array($0.utf8) })
            request.deadline = SendDeadline(.now)
            let error = try await client.failure(request)
            #expect(error.code == .deadlinePassed)
            #expect(!error.bytesLeft)
            #expect(!error.wholeRequestLeft)

            request.deadline = SendDeadline(.now + .seconds(60))
            let status = try await client.send(request).status
            #expect(status == 200)
        }
        #expect(server.headCount == 1)
    }

    @Test func `A deadline that passes while connecting ends the call at once`() async throws {
        let server = try ScriptedServer { $0.watchEnd() }
        try await withClient { client in
            var request = OutboundRequest.post("https://127.0.0.1:\(server.port)/", "body")
            request.deadline = SendDeadline(.now + .milliseconds(100))
            let error = try await client.failure(request)
            #expect(error.code == .deadlinePassed)
            #expect(!error.bytesLeft)
        }
    }

    @Test func `A deadline that passes in the middle of the body leaves the request incomplete`() async throws {
        let gate = Gate()
        let read = Atomic(0)
        let server = try ScriptedServer(receiveBuffer: 4096) { connection in
            guard let head = connection.readHead() else { return }
            gate.wait()
            read.store(connection.readBody(connection.contentLength(of: head)).count, ordering: .relaxed)
            connection.server.note(connection.end ?? .closed)
        }
        try await withClient { client in
            let deadline = SendDeadline(.now + .seconds(60))
            var request = OutboundRequest.post(server.url, [UInt8](repeating: 1, count: 64 << 20))
            request.deadline = deadline
            async let failure = client.failure(request)
            try await eventually("the head is in") { server.headCount == 1 }
            deadline.revoke()
            gate.open()
            let error = try await failure
            #expect(error.code == .deadlinePassed)
            #expect(error.bytesLeft)
            #expect(!error.wholeRequestLeft)
            try await eventually("the connection is reset") { server.ends == [.reset] }
            #expect(read.load(ordering: .relaxed) < 64 << 20)
        }
    }

    /// The kernels take some 50 kB that the server does not read. Bodies of all sizes around that amount stop at every
    /// point, also after libcurl was given their last piece.
    @Test func `A deadline that passes while the end of the body waits in libcurl stops it`() async throws {
        let gate = Gate()
        let server = try ScriptedServer(receiveBuffer: 4096, segment: 536) { connection in
            guard let head = connection.readHead() else { return }
            gate.wait()
            let length = connection.contentLength(of: head)
            let body = connection.readBody(length)
            if body.count == length { connection.respond(body: "\(length)") }
        }
        try await withClient { client in
            let deadline = SendDeadline(.now + .seconds(60))
            var sent: [ContinuousClock.Instant] = []
            var errors: [OutboundError] = []
            try await withThrowingTaskGroup(of: Result<OutboundResponse, OutboundError>.self) { group in
                for step in 1...120 {
                    var request = OutboundRequest.post(server.url, [UInt8](repeating: 1, count: 10_000 + step * 1500))
                    request.deadline = deadline
                    group.addTask { [request] in
                        do throws(OutboundError) {
                            return .success(try await client.send(request))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                try await eventually("all heads are in") { server.headCount == 120 }
                try await Task.sleep(for: .milliseconds(200))
                deadline.revoke()
                gate.open()
                for try await result in group {
                    switch result {
                    case .success(let response): sent.append(try #require(response.bodySentAt))
                    case .failure(let error): errors.append(error)
                    }
                }
            }
            #expect(!sent.isEmpty, "small bodies got away in time")
            #expect(sent.allSatisfy { $0 < deadline.instant })
            #expect(!errors.isEmpty, "large bodies did not")
            #expect(errors.allSatisfy { $0.code == .deadlinePassed && $0.bytesLeft && !$0.wholeRequestLeft })
        }
    }

    /// The deadline falls before, between and after connection, head and body; whatever the client says must be true.
    @Test(arguments: [10, 100_000])
    func `A call that ended with its deadline was never complete at the server`(length: Int) async throws {
        let server = try ScriptedServer()
        try await withClient { client in
            for number in 0..<1000 {
                var request = OutboundRequest.post(server.url + "/\(number)", [UInt8](repeating: 1, count: length))
                request.deadline = SendDeadline(.now + .microseconds(number / 2))
                do throws(OutboundError) {
                    let response = try await client.send(request)
                    #expect(response.status == 200)
                } catch {
                    #expect(error.code == .deadlinePassed)
                    #expect(!server.requests.contains { $0.target == "/\(number)" })
                }
            }
        }
    }

    @Test func `A deadline moves forward only, and not after it was revoked`() {
        let now = ContinuousClock.now
        let deadline = SendDeadline(now + .seconds(10))
        deadline.extend(to: now + .seconds(5))
        #expect(deadline.instant == now + .seconds(10))
        deadline.extend(to: now + .seconds(20))
        #expect(deadline.instant == now + .seconds(20))
        #expect(!deadline.hasPassed(at: now + .seconds(19)))
        #expect(deadline.hasPassed(at: now + .seconds(20)))
        deadline.revoke()
        #expect(deadline.hasPassed())
        deadline.extend(to: now + .seconds(60))
        #expect(deadline.hasPassed())
    }
}
