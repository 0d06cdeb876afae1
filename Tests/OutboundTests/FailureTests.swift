import Outbound
import Testing

/// How calls fail, and what the error says of the bytes that left.
@Suite struct FailureTests {
    @Test func `A refused connection leaves nothing`() async throws {
        let server = try ScriptedServer()
        server.stopListening()
        try await withClient { client in
            try await eventually("the port is closed") { server.isClosed }
            let error = try await client.failure(.post(server.url + "/secret?token=secret", "secret"))
            #expect(error.code == .connectFailed)
            #expect(!error.bytesLeft)
            #expect(!error.wholeRequestLeft)
            #expect(error.curlCode == 7)
            #expect(!"\(error)".contains("secret"))
            #expect("\(error)".contains("POST \(server.url)"))
        }
    }

    @Test func `A name without address leaves nothing`() async throws {
        try await withClient { client in
            let error = try await client.failure(.post("http://nothing.invalid/", "body"))
            #expect(error.code == .unresolved)
            #expect(!error.bytesLeft)
        }
    }

    @Test func `A reset before the request was read is a reset, and bytes may have left`() async throws {
        let server = try ScriptedServer { $0.reset() }
        try await withClient { client in
            for _ in 0..<20 {
                let error = try await client.failure(.post(server.url, "body"))
                #expect(error.code == .reset || error.code == .connectFailed)
                #expect(error.bytesLeft || error.code == .connectFailed)
            }
        }
    }

    @Test func `A reset in the middle of the body: the request is known to be incomplete`() async throws {
        let server = try ScriptedServer(receiveBuffer: 4096) { connection in
            _ = connection.readHead()
            _ = connection.readBody(100_000)
            connection.reset()
        }
        try await withClient { client in
            let error = try await client.failure(.post(server.url, [UInt8](repeating: 1, count: 64 << 20)))
            #expect(error.code == .reset)
            #expect(error.bytesLeft)
            #expect(!error.wholeRequestLeft)
        }
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 200 OK\r\nContent-Le"])
    func `A reset after the body, whatever came of the answer`(answer: String) async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.send(answer)
            connection.reset()
        }
        try await withClient { client in
            let error = try await client.failure(.post(server.url, "body"))
            #expect(error.code == .reset)
            #expect(error.bytesLeft)
            #expect(error.wholeRequestLeft)
            #expect(error.endedAt <= .now)
        }
        #expect(server.requests.count == 1)
    }

    @Test(arguments: ["220 mail.example.org ESMTP\r\n", "HTTP/2.0\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n"])
    func `What is not HTTP is a protocol error`(answer: String) async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.send(answer)
        }
        try await withClient { client in
            let error = try await client.failure(.post(server.url, "body"))
            #expect(error.code == .protocolError)
            #expect(error.bytesLeft)
        }
    }

    @Test(arguments: ["Content-Length: 1001\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n"])
    func `An answer longer than allowed is refused, one as long is not`(framing: String) async throws {
        let server = try ScriptedServer { connection in
            while let request = connection.readRequest() {
                guard request.target == "/long" else {
                    connection.respond(body: String(repeating: "x", count: 1000))
                    continue
                }
                let chunk = framing.hasPrefix("Transfer") ? "3e9\r\n" : ""
                connection.send("HTTP/1.1 200 OK\r\n\(framing)\r\n\(chunk)" + String(repeating: "x", count: 1001))
                return connection.watchEnd()
            }
        }
        try await withClient { client in
            var request = OutboundRequest.get(server.url)
            request.maxResponseBytes = 1000
            let count = try await client.send(request).body.count
            #expect(count == 1000)
            request.url += "/long"
            let error = try await client.failure(request)
            #expect(error.code == .responseTooLarge)
            #expect(error.bytesLeft)
            try await eventually("the connection is reset") { server.ends == [.reset] }
        }
    }

    @Test func `An endless head is refused`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n")
            for _ in 0..<10_000 { connection.send("X-Field: " + String(repeating: "x", count: 100) + "\r\n") }
        }
        try await withClient { client in
            let code = try await client.failure(.get(server.url)).code
            #expect(code == .responseTooLarge)
        }
    }

    @Test func `What cannot be sent as it is, is refused before anything is tried`() async throws {
        let server = try ScriptedServer()
        var requests = [
            "ftp://127.0.0.1/", "127.0.0.1", "http://", "http:///x", "HTTP://127.0.0.1/", "http://user:pw@127.0.0.1/",
            server.url + "/a b", server.url + "/\r\nX: y", server.url + "/#fragment", server.url + "/ü", "",
            "file:///etc/passwd", "http://127.0.0.1:99999/",
        ].map { OutboundRequest.get($0) }
        let badFields: [HeaderFields] = [
            ["X-A": "b\r\nX-C: d"], ["X-A": "b\u{0}"], ["X A": "b"], ["": "b"], ["X-A:": "b"], ["Content-Length": "3"],
            ["transfer-encoding": "chunked"], ["Expect": "100-continue"], ["Connection": "close"],
        ]
        requests += badFields.map { OutboundRequest(method: .get, url: server.url, headers: $0) }
        requests += ["", "GET /", "G\r\nET"].map { OutboundRequest(method: HTTPMethod($0), url: server.url) }
        requests.append(OutboundRequest(method: .head, url: server.url, body: [1]))
        try await withClient { client in
            for request in requests {
                let error = try await client.failure(request)
                #expect(error.code == .invalidRequest, "\(request.method) \(request.url)")
                #expect(!error.bytesLeft)
            }
        }
        #expect(server.connectionCount == 0)
    }
}
