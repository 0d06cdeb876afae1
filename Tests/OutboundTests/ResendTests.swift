import CCurl
import Outbound
import Testing

/// libcurl re-sends a POST by itself when a reused connection dies after the request was read. It must not, here.
@Suite struct ResendTests {
    /// Answers the first request of the first connection, then reads one more and hangs up. Later connections answer.
    private static func hangsUpOnSecondRequest() throws -> ScriptedServer {
        try ScriptedServer { connection in
            guard connection.number == 1 else { return ScriptedServer.answerAll(connection) }
            _ = connection.readRequest()
            connection.respond(body: "first")
            _ = connection.readRequest()
        }
    }

    @Test(arguments: [5, 200_000])
    func `A POST read by a server that hangs up is not sent again`(length: Int) async throws {
        let server = try Self.hangsUpOnSecondRequest()
        try await withClient { client in
            let first = try await client.send(.post(server.url + "/first", "1"))
            #expect(first.status == 200)

            let error = try await client.failure(.post(server.url + "/second", [UInt8](repeating: 120, count: length)))
            #expect(error.code == .rewindRefused)
            #expect(error.curlCode == 65)
            #expect(error.bytesLeft)
            #expect(error.wholeRequestLeft)
            #expect(server.requests.map(\.target) == ["/first", "/second"])
            #expect(server.requests.map(\.connection) == [1, 1])
        }
        #expect(server.requests.count == 2)
    }

    @Test func `The same with POSTFIELDS is sent twice, so the test above can fail`() throws {
        let server = try Self.hangsUpOnSecondRequest()
        guard let easy = unsafe curl_easy_init() else {
            Issue.record("no handle")
            return
        }
        defer { unsafe curl_easy_cleanup(easy) }
        func post(_ url: String) -> CURLcode {
            unsafe sluice_easy_set_string(easy, CURLOPT_URL, url)
            unsafe sluice_easy_set_string(easy, CURLOPT_PROXY, "")
            unsafe sluice_easy_set_string(easy, CURLOPT_COPYPOSTFIELDS, "body")
            unsafe sluice_easy_set_write(easy, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
            return unsafe curl_easy_perform(easy)
        }
        #expect(post(server.url + "/first") == CURLE_OK)
        #expect(post(server.url + "/second") == CURLE_OK)
        #expect(server.requests.map(\.target) == ["/first", "/second", "/second"])
    }

    @Test func `A POST without body is not sent again either`() async throws {
        let server = try Self.hangsUpOnSecondRequest()
        try await withClient { client in
            _ = try await client.send(.post(server.url + "/first", "1"))
            let error = try await client.failure(.post(server.url + "/second", ""))
            #expect(error.code == .rewindRefused)
            #expect(error.wholeRequestLeft)
        }
        #expect(server.requests.map(\.target) == ["/first", "/second"])
    }

    @Test func `A GET may be sent again`() async throws {
        let server = try Self.hangsUpOnSecondRequest()
        try await withClient { client in
            _ = try await client.send(.post(server.url + "/first", "1"))
            let response = try await client.send(.get(server.url + "/second"))
            #expect(response.status == 200)
            #expect(!response.connectionReused)
        }
        #expect(server.requests.map(\.target) == ["/first", "/second", "/second"])
    }

    @Test func `On a fresh connection a POST is not sent again`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
        }
        try await withClient { client in
            let error = try await client.failure(.post(server.url, "body"))
            #expect(error.code == .reset)
            #expect(error.bytesLeft)
            #expect(error.wholeRequestLeft)
        }
        #expect(server.requests.count == 1)
        #expect(server.connectionCount == 1)
    }

    @Test func `A connection that the server closed while idle costs no request`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.respond()
        }
        try await withClient { client in
            for number in 1...50 {
                // The close may be seen before the reuse (then all is well) or after it (then it must be reported).
                do throws(OutboundError) {
                    _ = try await client.send(.post(server.url + "/\(number)", "body"))
                } catch {
                    #expect(error.bytesLeft)
                    #expect([.rewindRefused, .reset].contains(error.code))
                }
            }
        }
        let targets = server.requests.map(\.target)
        #expect(Set(targets).count == targets.count, "no request came in twice")
    }

    @Test func `A close that has come in is noticed before the reuse`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.respond()
        }
        try await withClient { client in
            for number in 1...5 {
                let response = try await client.send(.post(server.url + "/\(number)", "body"))
                #expect(response.status == 200)
                #expect(!response.connectionReused)
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        #expect(server.requests.map(\.target) == (1...5).map { "/\($0)" })
    }
}
