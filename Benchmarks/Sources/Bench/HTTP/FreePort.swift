import NIOCore
import NIOPosix
import Synchronization

/// Ports of loopback that nobody listens on.
enum FreePort {
    /// Those that were given already, so that cells which are made at the same time don't get the same.
    private static let given = Mutex<Set<Int>>([])

    /// Below the range that the kernel takes ports of outgoing connections from, so that it stays free until it is used.
    static func next() async throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 20_000..<32_000)
            guard given.withLock({ $0.insert(port).inserted }) else { continue }
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
