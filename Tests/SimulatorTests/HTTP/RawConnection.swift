import Glibc
import NIOCore
import NIOPosix

/// A bare TCP exchange, for what an HTTP client hides: how the connection ended.
enum RawConnection {
    enum End: Equatable {
        /// RST.
        case reset
        /// FIN.
        case closed
    }

    /// Sends `text` and reads until the other side ends the connection, or has sent `mark`.
    static func exchange(_ text: String, port: Int, until mark: Character? = nil) async throws -> (
        received: String, end: End
    ) {
        let client = try await connect(port: port)
        var received = ByteBuffer()
        do {
            try await client.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: text))
                for try await part in inbound {
                    received.writeImmutableBuffer(part)
                    if let mark, String(buffer: part).contains(mark) { break }
                }
            }
            return (String(buffer: received), .closed)
        } catch let error as IOError where error.errnoCode == ECONNRESET {
            return (String(buffer: received), .reset)
        }
    }

    /// Sends `text` and, when `isTime` says so, FIN; then reads until the other side ends the connection.
    static func leave(_ text: String, port: Int, when isTime: @Sendable () -> Bool) async throws -> End {
        let client = try await connect(port: port)
        return try await client.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            while !isTime() { try await Task.sleep(for: .milliseconds(5)) }
            outbound.finish()
            do {
                for try await _ in inbound {}
                return .closed
            } catch let error as IOError where error.errnoCode == ECONNRESET {
                return .reset
            }
        }
    }

    private static func connect(port: Int) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
    }

    static func post(_ body: String, announced: Int? = nil, path: String = "/v2/email/outbound-emails") -> String {
        """
        POST \(path) HTTP/1.1\r
        Host: 127.0.0.1\r
        Authorization: AWS4-HMAC-SHA256 x\r
        Content-Type: application/json\r
        Content-Length: \(announced ?? body.utf8.count)\r
        \r
        \(body)
        """
    }
}
