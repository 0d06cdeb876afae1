import Measure
import NIOCore

/// One connection of a load: a request, its answer, the next request.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Begin: Sendable {}

    /// How long a connection rests that was refused.
    private static let rest = Int64(20_000_000)

    private let load: RequestLoad
    private var answer: [UInt8] = []
    private var intended: Int64?
    private var restsUntil: Int64 = 0

    init(_ load: RequestLoad) {
        self.load = load
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Begin { next(context) } else { context.fireUserInboundEventTriggered(event) }
    }

    private func next(_ context: ChannelHandlerContext) {
        guard let at = load.next() else {
            context.close(promise: nil)
            return
        }
        let wait = max(at, restsUntil) - BootTime.now()
        guard wait > 0 else { return send(context, at) }
        context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(wait)) {
            if context.channel.isActive { self.send(context, at) }
        }
    }

    private func send(_ context: ChannelHandlerContext, _ at: Int64) {
        intended = at
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: load.request())), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        answer += unwrapInboundIn(data).readableBytesView
        guard let head = AnswerHead(answer), answer.count >= head.length, let intended else { return }
        answer.removeFirst(head.length)
        self.intended = nil
        load.note(head.status, intended: intended)
        if head.status != 202 { restsUntil = BootTime.now() + Self.rest }
        next(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // A request without an answer is none that was accepted.
        if let intended { load.note(0, intended: intended) }
        intended = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
