import NIOCore
import NIOPosix

/// Ports of loopback that nobody listens on.
enum FreePort {
    /// Below the range that the kernel takes ports of outgoing connections from, so that it stays free until it is used.
    static func next() async throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 20_000..<32_000)
            let channel = try? await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: "127.0.0.1", port: port).get()
            guard let channel else { continue }
            try await channel.close()
            return port
        }
        throw Failure("no free port was found")
    }
}
