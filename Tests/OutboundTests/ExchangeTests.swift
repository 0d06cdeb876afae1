import Glibc
import Outbound
import Testing

/// What goes out and what comes back when nothing fails.
@Suite struct ExchangeTests {
    @Test func `Consecutive requests use one connection`() async throws {
        let server = try ScriptedServer()
        try await withClient { client in
            for number in 0..<20 {
                let response = try await client.send(.post(server.url, "body"))
                #expect(response.body == Array("4".utf8))
                #expect(response.connectionReused == (number > 0))
            }
        }
        #expect(server.connectionCount == 1)
    }

    @Test func `An idle connection beyond its age is not used again`() async throws {
        let server = try ScriptedServer()
        try await withClient(.init(connectionMaxIdle: .seconds(1))) { client in
            _ = try await client.send(.get(server.url))
            try await Task.sleep(for: .milliseconds(2200))
            let response = try await client.send(.get(server.url))
            #expect(!response.connectionReused)
        }
        #expect(server.connectionCount == 2)
    }

    @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 131_072, 10 << 20])
    func `Bodies of every size arrive whole`(length: Int) async throws {
        let server = try ScriptedServer()
        let piece = (0..<1021).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        var body: [UInt8] = []
        while body.count < length { body += piece }
        body.removeLast(body.count - length)
        try await withClient { client in
            let response = try await client.send(.post(server.url, body))
            #expect(response.body == Array("\(length)".utf8))
            let sentAt = try #require(response.bodySentAt)
            #expect(sentAt <= response.answeredAt)
        }
        let request = try #require(server.requests.first)
        #expect(request.body == body)
        #expect(request.header("Content-Length") == "\(length)")
    }

    @Test(arguments: [
        HTTPMethod.get, .head, .post, .put, .patch, .delete, HTTPMethod("PROPFIND"),
    ])
    func `Methods go out as given`(method: HTTPMethod) async throws {
        let server = try ScriptedServer()
        try await withClient { client in
            var request = OutboundRequest(method: method, url: server.url + "/a?b=c")
            let status = try await client.send(request).status
            #expect(status == 200)
            if method != .head {
                request.body = Array("body".utf8)
                let status = try await client.send(request).status
                #expect(status == 200)
            }
        }
        let expectsBody = [.post, .put, .patch].contains(method)
        #expect(server.requests.first?.lines[0] == "\(method) /a?b=c HTTP/1.1")
        #expect(server.requests.first?.header("Content-Length") == (expectsBody ? "0" : nil))
        if method != .head { #expect(server.requests.last?.body == Array("body".utf8)) }
    }

    @Test func `Exactly the given header lines go out`() async throws {
        let server = try ScriptedServer()
        try await withClient(.init(userAgent: nil)) { client in
            _ = try await client.send(
                OutboundRequest(
                    method: .post,
                    url: server.url + "/v2/email/../outbound-emails?x=%7e&y=a+b",
                    headers: [
                        "host": "email.eu-central-1.amazonaws.com",
                        "content-type": "application/json; charset=UTF-8",
                        "X-Amz-Date": "20260101T000000Z", "x-empty": "", "X-Spaces": "a  b",
                        "x-text": "grüße", "Set": "1", "set": "2",
                    ],
                    body: Array("{}".utf8)
                )
            )
        }
        let lines = try #require(server.requests.first?.lines)
        #expect(lines.first == "POST /v2/email/../outbound-emails?x=%7e&y=a+b HTTP/1.1")
        #expect(
            Set(lines.dropFirst()) == [
                "Host: email.eu-central-1.amazonaws.com", "content-type: application/json; charset=UTF-8",
                "X-Amz-Date: 20260101T000000Z", "x-empty:", "X-Spaces: a  b", "x-text: grüße", "Set: 1", "set: 2",
                "Content-Length: 2",
            ]
        )
        #expect(lines.count == 10)
    }

    @Test func `A large POST asks for no 100-continue`() async throws {
        let server = try ScriptedServer()
        try await withClient { client in
            _ = try await client.send(.post(server.url, [UInt8](repeating: 7, count: 3 << 20)))
        }
        #expect(server.requests.first?.header("Expect") == nil)
    }

    @Test func `The configured User-Agent stands in where the request has none`() async throws {
        let server = try ScriptedServer()
        try await withClient(.init(userAgent: "sluice/1")) { client in
            _ = try await client.send(.get(server.url))
            _ = try await client.send(OutboundRequest(method: .get, url: server.url, headers: ["User-Agent": "mine"]))
        }
        #expect(server.requests.map { $0.header("User-Agent") } == ["sluice/1", "mine"])
    }

    @Test func `Answers come back as sent`() async throws {
        let server = try ScriptedServer { connection in
            while let request = connection.readRequest() {
                switch request.target {
                case "/chunked":
                    connection.send(
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
                            + "HTTP/1.1 202 Accepted\r\nX-One: 1\r\nx-one:  2 \r\nX-Folded: a\r\n  b\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n"
                    )
                case "/moved": connection.respond(status: "302 Found", headers: "Location: /chunked\r\n")
                case "/zipped": connection.respond(headers: "Content-Encoding: gzip\r\n", body: "not gzip")
                case "/none": connection.send("HTTP/1.1 204 No Content\r\n\r\n")
                default: connection.respond(status: "503 Slow Down", body: "busy")
                }
            }
        }
        try await withClient { client in
            let chunked = try await client.send(.get(server.url + "/chunked"))
            #expect(chunked.status == 202)
            #expect(chunked.body == Array("abcde".utf8))
            #expect(chunked.headers.values(named: "X-ONE") == ["1", "2"])
            #expect(chunked.headers["x-folded"] == "a b")
            #expect(chunked.headers["Link"] == nil)
            #expect(chunked.headers.map(\.name) == ["X-One", "x-one", "X-Folded", "Transfer-Encoding"])

            let moved = try await client.send(.get(server.url + "/moved"))
            #expect(moved.status == 302)
            #expect(moved.headers["location"] == "/chunked")
            let zipped = try await client.send(.get(server.url + "/zipped")).body
            #expect(zipped == Array("not gzip".utf8))
            let emptyStatus = try await client.send(.get(server.url + "/none")).status
            #expect(emptyStatus == 204)
            let busyStatus = try await client.send(.get(server.url + "/x")).status
            #expect(busyStatus == 503)
        }
        #expect(server.connectionCount == 1)
    }

    @Test func `An answer that comes before the body has left is an answer`() async throws {
        let server = try ScriptedServer(receiveBuffer: 4096) { connection in
            _ = connection.readHead()
            connection.respond(status: "413 Content Too Large", headers: "Connection: close\r\n")
            connection.watchEnd()
        }
        try await withClient { client in
            let response = try await client.send(.post(server.url, [UInt8](repeating: 0, count: 64 << 20)))
            #expect(response.status == 413)
            #expect(response.bodySentAt == nil)
        }
    }

    @Test func `Proxies of the environment are ignored`() async throws {
        let server = try ScriptedServer()
        unsafe setenv("http_proxy", "http://127.0.0.1:1", 1)
        defer { unsafe unsetenv("http_proxy") }
        try await withClient { client in
            let status = try await client.send(.get(server.url)).status
            #expect(status == 200)
        }
    }

    @Test func `Two hundred calls at once all get their own answer`() async throws {
        let server = try ScriptedServer { connection in
            while let request = connection.readRequest() { connection.respond(body: request.target) }
        }
        try await withClient { client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let response = try await client.send(.post(server.url + "/\(number)", "body"))
                        return response.body == Array("/\(number)".utf8)
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
        #expect(Set(server.requests.map(\.target)).count == 200)
        #expect(server.requests.count == 200)
    }

    @Test(arguments: [
        HTTPClient.Configuration(maxConcurrentTransfers: 3),
        HTTPClient.Configuration(maxConnectionsPerHost: 3),
        HTTPClient.Configuration(maxConnections: 3),
    ])
    func `Calls beyond a bound wait, and all are answered`(configuration: HTTPClient.Configuration) async throws {
        let server = try ScriptedServer()
        try await withClient(configuration) { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 {
                    group.addTask { try await client.send(.post(server.url, "body")).status }
                }
                for try await status in group { #expect(status == 200) }
            }
        }
        #expect(server.requests.count == 100)
        #expect(server.connectionCount <= 3)
    }
}
