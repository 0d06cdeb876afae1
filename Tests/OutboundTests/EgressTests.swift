import Outbound
import Testing

/// What the policy does to requests on real sockets.
struct EgressTests {
    private func loopback() throws -> EgressPolicy {
        EgressPolicy(allowing: [try #require(Network("127.0.0.0/8"))])
    }

    private func request(_ url: String, _ policy: EgressPolicy) -> OutboundRequest {
        var request = OutboundRequest.post(url, "secret")
        request.egress = policy
        return request
    }

    /// Every spelling of a loopback address that some library reads, and a name that leads there.
    @Test(arguments: [
        "127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0", "0.0.0.0", "[::1]",
        "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "localhost", "LOCALHOST",
    ])
    func nothingGoesToThisMachine(host: String) async throws {
        let server = try ScriptedServer()
        try await withClient { client in
            let error = try await client.failure(request("http://\(host):\(server.port)/", EgressPolicy()))
            #expect(error.code == .addressRefused, "\(error)")
            #expect(!error.bytesLeft)
        }
        #expect(server.connectionCount == 0)
    }

    @Test(arguments: ["http://10.255.255.1/", "http://169.254.169.254/latest/meta-data/", "http://[fd00::1]/"])
    func privateAddressesAreRefusedAtOnce(url: String) async throws {
        try await withClient { client in
            let error = try await client.failure(request(url, EgressPolicy()))
            #expect(error.code == .addressRefused, "\(error)")
        }
    }

    @Test func anAllowedNetworkIsReached() async throws {
        let server = try ScriptedServer()
        let policy = try loopback()
        try await withClient { client in
            for host in ["127.0.0.1", "localhost", "2130706433"] {
                let answer = try await client.send(request("http://\(host):\(server.port)/", policy))
                #expect(answer.status == 200)
            }
        }
        #expect(server.requests.count == 3)
    }

    /// The connection was opened under a wider policy, or under none.
    @Test func aConnectionOfAWiderPolicyIsNotUsed() async throws {
        let server = try ScriptedServer()
        let policy = try loopback()
        try await withClient { client in
            let opened = try await client.send(.post(server.url, "open"))
            #expect(opened.status == 200)
            let refused = try await client.failure(request(server.url, EgressPolicy()))
            #expect(refused.code == .addressRefused, "\(refused)")
            #expect(!refused.bytesLeft)
            let answer = try await client.send(request(server.url, policy))
            #expect(answer.status == 200)
        }
        #expect(server.requests.map { String(decoding: $0.body, as: UTF8.self) } == ["open", "secret"])
    }

    @Test func aRedirectToThisMachineIsAnAnswer() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.respond(status: "302 Found", headers: "Location: http://127.0.0.1:1/\r\n")
        }
        let policy = try loopback()
        try await withClient { client in
            let answer = try await client.send(request(server.url, policy))
            #expect(answer.status == 302)
        }
        #expect(server.connectionCount == 1)
    }

    @Test func aLongAnswerIsCutWhereThatIsAsked() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                connection.respond(body: String(repeating: "x", count: 100_000))
            }
        }
        try await withClient { client in
            var cut = OutboundRequest.post(server.url, "a")
            cut.maxResponseBytes = 16 << 10
            cut.cutsLongResponse = true
            let answer = try await client.send(cut)
            #expect(answer.status == 200)
            #expect(answer.body.count <= 16 << 10)
            cut.cutsLongResponse = false
            let error = try await client.failure(cut)
            #expect(error.code == .responseTooLarge)
        }
    }
}
