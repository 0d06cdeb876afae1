import Glibc
import NIOCore

/// Thrown where a request gets no answer because its connection has been closed.
struct ConnectionEnd: Error {
    /// Resets the connection: linger 0 makes `close` send RST, also when all data has been read.
    static func reset(_ channel: any Channel) async throws -> Never {
        if let socket = channel as? any SocketOptionProvider {
            try? await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        return try await close(channel)
    }

    static func close(_ channel: any Channel) async throws -> Never {
        try? await channel.close().get()
        throw ConnectionEnd()
    }
}
