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

    private let channel: any Channel

    /// - Parameters:
    ///   - delay: seconds until each answer.
    ///   - answer: the status; must not block.
    static func start(
        after delay: Int64 = 0,
        _ answer: @escaping @Sendable (Request) -> Int
    ) async throws -> HTTPReceiver {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(ReceiverHandler(answer, after: .seconds(delay)))
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

    private let answer: @Sendable (HTTPReceiver.Request) -> Int
    private let delay: TimeAmount
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ answer: @escaping @Sendable (HTTPReceiver.Request) -> Int, after delay: TimeAmount) {
        self.answer = answer
        self.delay = delay
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part): body += part.readableBytesView
        case .end:
            guard let head else { return }
            let status = answer(HTTPReceiver.Request(path: head.uri, headers: head.headers, body: body))
            guard delay > .zero else { return respond(context, status) }
            context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
                if context.channel.isActive { self.respond(context, status) }
            }
        }
    }

    private func respond(_ context: ChannelHandlerContext, _ status: Int) {
        let response = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: status),
            headers: ["Content-Length": "0"]
        )
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
