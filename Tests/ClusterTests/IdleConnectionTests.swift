import NIOCore
import NIOPosix
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// What thousands of clients do that connect and say nothing, or only half of something.
    @Suite("Idle connections") struct IdleConnectionTests {
        /// More than a listener has, from an address that may have any number, as a proxy may.
        private static let count = 5000
        private static let most = 4096

        @Test("Thousands of them keep nobody out", .timeLimit(.minutes(10)))
        func thousands() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                let early = try await open(node, 0)
                let idle = try await concurrently(0..<Self.count, width: 64) { try await open(node, $0) }
                try await eventually("no more are open than may be") {
                    idle.filter(\.isActive).count <= Self.most
                }
                #expect(!early.isActive, "the one that was idle for longest goes first")
                #expect(idle.filter(\.isActive).count > Self.most / 2, "those that may be open are")
                for number in 0..<20 {
                    let started = ContinuousClock.now
                    _ = try await api.send(Submission(to: ["reader\(number)@example.org"]))
                    #expect(ContinuousClock.now - started < .seconds(20))
                }
                #expect(try await node.status(of: "/readyz") == 200)
                let operators = "http://127.0.0.1:\(node.ports.operators)/readyz"
                #expect(try await LocalHTTP.send(.get, operators).status == 200)
                for channel in idle + [early] { channel.close(promise: nil) }
            }
        }

        /// Every other one begins a request.
        private func open(_ node: Node, _ number: Int) async throws -> any Channel {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: node.ports.tenants).get()
            if number.isMultiple(of: 2) {
                channel.writeAndFlush(ByteBuffer(string: "POST /send HTTP/1.1\r\nHost: loc"), promise: nil)
            }
            return channel
        }
    }
}
