import NIOCore
import NIOHTTP1

/// A request and where its answer goes.
struct HTTPExchange: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer?
    let answer: EventLoopPromise<HTTPAnswer>
}

/// Carries one exchange after the other over a connection.
final class HTTPExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPExchange
    typealias OutboundOut = HTTPClientRequestPart

    private var current: HTTPExchange?
    private var status = 0
    private var cookie: String?
    private var keepsAlive = true
    private var body: [UInt8] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        guard current == nil, context.channel.isActive else {
            exchange.answer.fail(HTTPFailure.unanswered)
            promise?.fail(HTTPFailure.unanswered)
            return
        }
        current = exchange
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        if let body = exchange.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
            cookie = head.headers.first(name: "Set-Cookie")?.split(separator: ";").first.map { String($0) }
            keepsAlive = head.isKeepAlive
            body = []
        case .body(let part):
            body += part.readableBytesView
        case .end:
            current?.answer.succeed(HTTPAnswer(status: status, body: body, cookie: cookie))
            current = nil
            body = []
            if !keepsAlive { context.close(promise: nil) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail()
        context.close(promise: nil)
    }

    private func fail() {
        current?.answer.fail(HTTPFailure.unanswered)
        current = nil
    }
}
