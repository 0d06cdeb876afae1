import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection that speaks exactly the bytes that a test wants.
struct RawConnection: Sendable {
    private final class Inbox: Sendable {
        let bytes = Mutex<[UInt8]>([])
        let isAtEnd = Atomic(false)
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let inbox: Inbox

        init(_ inbox: Inbox) {
            self.inbox = inbox
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let part = unwrapInboundIn(data)
            inbox.bytes.withLock { $0 += part.readableBytesView }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .inputClosed? = event as? ChannelEvent { inbox.isAtEnd.store(true, ordering: .releasing) }
            context.fireUserInboundEventTriggered(event)
        }

        func channelInactive(context: ChannelHandlerContext) {
            inbox.isAtEnd.store(true, ordering: .releasing)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    private let channel: any Channel
    private let inbox: Inbox

    /// Connects, runs `body`, closes.
    static func with<Value>(_ port: Int, _ body: (RawConnection) async throws -> Value) async throws -> Value {
        let inbox = Inbox()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(inbox))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        defer { channel.close(promise: nil) }
        return try await body(RawConnection(channel: channel, inbox: inbox))
    }

    /// Throws when the other side has closed.
    func write(_ bytes: some Sequence<UInt8>) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Says that nothing more comes.
    func finish() async throws {
        try await channel.close(mode: .output).get()
    }

    /// What was received until now.
    var text: String { String(decoding: inbox.bytes.withLock(\.self), as: UTF8.self) }

    /// Whether the other side has closed.
    var isAtEnd: Bool { inbox.isAtEnd.load(ordering: .acquiring) }

    /// Everything that the other side says before it closes.
    func textToEnd(within limit: Duration = .seconds(30)) async throws -> String {
        try await eventually("the connection is closed", within: limit) { isAtEnd }
        return text
    }
}
