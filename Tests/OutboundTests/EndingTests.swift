import Glibc
import Outbound
import Testing

/// Calls ended from this side: cancellation, `resetAll`, `shutdown`.
@Suite struct EndingTests {
    private static func silent() throws -> ScriptedServer {
        try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.watchEnd()
        }
    }

    @Test func `Cancelling a call resets its connection`() async throws {
        let server = try Self.silent()
        try await withClient { client in
            let task = Task { try await client.failure(.post(server.url, "body")) }
            try await eventually("the request is in") { server.requests.count == 1 }
            task.cancel()
            let error = try await task.value
            #expect(error.code == .cancelled)
            #expect(error.bytesLeft)
            #expect(error.wholeRequestLeft)
            try await eventually("the connection is reset") { server.ends == [.reset] }
        }
    }

    @Test func `A child process does not keep a connection alive`() async throws {
        let server = try Self.silent()
        try await withClient { client in
            let task = Task { try await client.failure(.post(server.url, "body")) }
            try await eventually("the request is in") { server.requests.count == 1 }
            var child = pid_t()
            var arguments = unsafe [strdup("sleep"), strdup("60"), nil]
            defer { unsafe arguments.forEach { unsafe free($0) } }
            // Unlike Foundation's Process, this hands down every descriptor that is not marked otherwise.
            let status = unsafe posix_spawn(&child, "/bin/sleep", nil, nil, &arguments, nil)
            #expect(status == 0)
            defer {
                kill(child, SIGKILL)
                waitpid(child, nil, 0)
            }
            task.cancel()
            _ = try await task.value
            try await eventually("the connection is reset") { server.ends == [.reset] }
        }
    }

    @Test func `A call of a cancelled task is not started`() async throws {
        let server = try ScriptedServer()
        try await withClient { client in
            let task = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await client.failure(.post(server.url, "body"))
            }
            let error = try await task.value
            #expect(error.code == .cancelled)
            #expect(!error.bytesLeft)
        }
        #expect(server.connectionCount == 0)
    }

    @Test func `A waiting call can be cancelled`() async throws {
        let server = try Self.silent()
        try await withClient(.init(maxConcurrentTransfers: 1)) { client in
            let first = Task { try await client.failure(.post(server.url, "1")) }
            try await eventually("the first is under way") { server.requests.count == 1 }
            let second = Task { try await client.failure(.post(server.url, "2")) }
            try await Task.sleep(for: .milliseconds(20))
            second.cancel()
            let error = try await second.value
            #expect(error.code == .cancelled)
            #expect(!error.bytesLeft)
            first.cancel()
            let code = try await first.value.code
            #expect(code == .cancelled)
        }
        #expect(server.requests.count == 1)
    }

    @Test func `resetAll ends every call, waiting ones too, and the client goes on`() async throws {
        let server = try ScriptedServer { connection in
            while let request = connection.readRequest() {
                if request.target == "/silent" { return connection.watchEnd() }
                connection.respond()
            }
        }
        try await withClient(.init(maxConcurrentTransfers: 30)) { client in
            let tasks = (0..<40).map { _ in
                Task { try await client.failure(.post(server.url + "/silent", "body")) }
            }
            try await eventually("thirty are under way") { server.requests.count == 30 }
            // Those that wait may not have reached the client yet.
            try await Task.sleep(for: .milliseconds(50))
            let before = ContinuousClock.now
            client.resetAll(reason: "the lease ran out")
            var left = 0
            for task in tasks {
                let error = try await task.value
                #expect(error.code == .resetByClient)
                #expect(error.message.contains("the lease ran out"))
                #expect(error.endedAt >= before && error.endedAt <= .now)
                left += error.bytesLeft ? 1 : 0
            }
            #expect(left == 30)
            try await eventually("all connections are reset") {
                server.ends.count == 30 && server.ends.allSatisfy { $0 == .reset }
            }
            let status = try await client.send(.post(server.url, "body")).status
            #expect(status == 200)
        }
    }

    @Test func `shutdown ends every call and later calls fail`() async throws {
        let server = try Self.silent()
        let client = try HTTPClient(configuration: .init(maxConcurrentTransfers: 10))
        let tasks = (0..<20).map { _ in Task { try await client.failure(.post(server.url, "body")) } }
        try await eventually("ten are under way") { server.requests.count == 10 }
        await client.shutdown()
        for task in tasks { #expect(try await task.value.code == .shutDown) }
        let late = try await client.failure(.post(server.url, "body"))
        #expect(late.code == .shutDown)
        #expect(!late.bytesLeft)
        await client.shutdown()
        try await eventually("all connections are reset") { server.ends.count == 10 }
    }

    @Test func `Two shutdowns and calls at the same time all end`() async throws {
        let server = try ScriptedServer()
        for _ in 0..<50 {
            let client = try HTTPClient()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { _ = try? await client.send(.post(server.url, "body")) }
                }
                for _ in 0..<2 { group.addTask { await client.shutdown() } }
            }
        }
    }

    @Test func `A client that is let go without shutdown ends its thread and connections`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.respond()
            connection.watchEnd()
        }
        do {
            let client = try HTTPClient()
            _ = try await client.send(.get(server.url))
        }
        try await eventually("the idle connection is closed") { server.ends.count == 1 }
    }

    /// A double resume traps, a lost one hangs, and a leaked connection shows in the server's count.
    @Test func `Thousands of races of cancellation and completion resolve every call once`() async throws {
        let server = try ScriptedServer()
        try await withClient { client in
            var answered = 0
            var cancelled = 0
            for round in 0..<40 {
                await withTaskGroup(of: OutboundError?.self) { group in
                    for number in 0..<100 {
                        let task = Task { () -> OutboundError? in
                            do throws(OutboundError) {
                                _ = try await client.send(.post(server.url, "body"))
                                return nil
                            } catch {
                                return error
                            }
                        }
                        group.addTask {
                            try? await Task.sleep(for: .microseconds((number * 37 + round * 11) % 3000))
                            task.cancel()
                            return await task.value
                        }
                    }
                    for await error in group {
                        #expect(error == nil || error?.code == .cancelled)
                        if error == nil { answered += 1 } else { cancelled += 1 }
                    }
                }
            }
            #expect(answered + cancelled == 4000)
            // The client is whole: the next call works.
            let status = try await client.send(.get(server.url)).status
            #expect(status == 200)
        }
    }
}
