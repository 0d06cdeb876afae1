import NIOCore
import NIOPosix

/// A TCP connection that speaks exactly the bytes that a test wants.
struct TestConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let inbound: Inbound

    /// Keeps what was read beyond an answer.
    private final class Inbound {
        var parts: AsyncThrowingStream<ByteBuffer, any Error>.AsyncIterator
        var bytes: [UInt8] = []

        init(_ parts: AsyncThrowingStream<ByteBuffer, any Error>) {
            self.parts = parts.makeAsyncIterator()
        }

        func next() async throws -> ByteBuffer? { try await parts.next(isolation: #isolation) }
    }

    static func with<Value: Sendable>(
        port: Int,
        from address: String? = nil,
        _ body: (TestConnection) async throws -> Value
    ) async throws -> Value {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
        if let address { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: address, port: 0)) }
        let channel =
            try await bootstrap
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let (parts, continuation) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
            return try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    do {
                        for try await part in inbound { continuation.yield(part) }
                        continuation.finish()
                    } catch {
                        continuation.finish(throwing: error)
                    }
                }
                defer { tasks.cancelAll() }
                return try await body(TestConnection(outbound: outbound, inbound: Inbound(parts)))
            }
        }
    }

    func write(_ bytes: some Sequence<UInt8>) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Says that nothing more comes.
    func finish() async throws {
        outbound.finish()
    }

    /// The next answer. Throws `TestAnswer.Incomplete` when the connection ends before it does.
    func answer() async throws -> TestAnswer {
        while true {
            if let (answer, length) = TestAnswer.parse(inbound.bytes) {
                inbound.bytes.removeFirst(length)
                return answer
            }
            guard try await more() else { throw TestAnswer.Incomplete(bytes: inbound.bytes) }
        }
    }

    /// Everything up to some text.
    func text(until end: String) async throws -> String {
        while true {
            let text = String(decoding: inbound.bytes, as: UTF8.self)
            if text.hasSuffix(end) { return text }
            guard try await more() else { throw TestAnswer.Incomplete(bytes: inbound.bytes) }
        }
    }

    /// Whether the server closed without another byte.
    func isAtEnd() async throws -> Bool {
        guard inbound.bytes.isEmpty else { return false }
        return try await !more()
    }

    /// Whether the server closed without another byte, be it with a reset.
    func isGone() async -> Bool {
        guard inbound.bytes.isEmpty else { return false }
        return (try? await more()) != true
    }

    private func more() async throws -> Bool {
        guard let part = try await inbound.next() else { return false }
        inbound.bytes += part.readableBytesView
        return true
    }
}
