import NIOCore
import NIOHTTP1
import NIOPosix

/// A server on this machine that answers each request with a status, on its connection's event loop.
struct HTTPReceiver: Sendable {
    struct Request: Sendable {
        let path: String
        let headers: HTTPHeaders
        let body: [UInt8]
    }

    struct Reply: Sendable {
        var status = 200
        var body: [UInt8] = []
        /// How long it is held back.
        var delay = TimeAmount.zero
    }

    private let channel: any Channel

    /// - Parameters:
    ///   - delay: seconds until each answer.
    ///   - answer: the status; must not block.
    static func start(
        after delay: Int64 = 0,
        _ answer: @escaping @Sendable (Request) -> Int
    ) async throws -> HTTPReceiver {
        try await start { Reply(status: answer($0), delay: .seconds(delay)) }
    }

    /// - Parameter answer: must not block.
    static func start(_ answer: @escaping @Sendable (Request) -> Reply) async throws -> HTTPReceiver {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(ReceiverHandler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return HTTPReceiver(channel: channel)
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    func close() { channel.close(promise: nil) }
}

private final class ReceiverHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (HTTPReceiver.Request) -> HTTPReceiver.Reply
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ answer: @escaping @Sendable (HTTPReceiver.Request) -> HTTPReceiver.Reply) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part): body += part.readableBytesView
        case .end:
            guard let head else { return }
            let reply = answer(HTTPReceiver.Request(path: head.uri, headers: head.headers, body: body))
            guard reply.delay > .zero else { return respond(context, reply) }
            context.eventLoop.assumeIsolated().scheduleTask(in: reply.delay) {
                if context.channel.isActive { self.respond(context, reply) }
            }
        }
    }

    private func respond(_ context: ChannelHandlerContext, _ reply: HTTPReceiver.Reply) {
        let response = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: reply.status),
            headers: ["Content-Length": "\(reply.body.count)"]
        )
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        if !reply.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
