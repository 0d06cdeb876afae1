import FoundationEssentials
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// What Hummingbird leaves out on a connection: `100 Continue` (RFC 9110, section 10.1.1), for which curl waits a second
/// before a large body, and a problem for what is no HTTP request, which Hummingbird answers with a bare 400. And the bounds that
/// keep a connection from being held for nothing: by requests that are sent faster than they are answered, by answers that
/// nobody reads, by the rest of a body that was answered already.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long what is left of an answered request may take to come, and how long a closed connection is kept for its client to
    /// read the last answer.
    private static let lingering = TimeAmount.seconds(5)

    private let configuration: GatewayConfiguration
    private let register: ConnectionRegister
    private var id: UInt64?
    private var openRequests = 0
    /// The last request has not come to its end.
    private var isReading = false
    /// More requests came than may wait; those that came too many are dropped.
    private var isFlooded = false
    private var leftover: Scheduled<Void>?
    private var stall: Scheduled<Void>?

    init(_ configuration: GatewayConfiguration, register: ConnectionRegister) {
        self.configuration = configuration
        self.register = register
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { enter(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        enter(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
    }

    private func enter(_ context: ChannelHandlerContext) {
        guard id == nil else { return }
        let channel = context.channel
        id = register.enter(from: context.remoteAddress?.ipAddress) { channel.close(promise: nil) }
        if id == nil { context.close(promise: nil) }
    }

    private func leave() {
        leftover?.cancel()
        stall?.cancel()
        if let id { register.leave(id) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isFlooded { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard openRequests < configuration.maximumPipelined else {
                isFlooded = true
                return
            }
            // Behind an answer that is still to come, the word would be taken for that answer's.
            if openRequests == 0 {
                if let id { register.work(id) }
                if shouldContinue(head) {
                    let answer = HTTPResponse(status: .continue)
                    context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil)
                }
            }
            openRequests += 1
            isReading = true
        case .body: break
        case .end:
            isReading = false
            leftover?.cancel()
            leftover = nil
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if !isFlooded { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where Self.isBareRefusal(head):
            let (head, body) = Self.problem()
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(body)), promise: promise)
        case .end:
            context.write(data, promise: promise)
            answered(context)
        default:
            context.write(data, promise: promise)
        }
    }

    private func answered(_ context: ChannelHandlerContext) {
        openRequests = max(0, openRequests - 1)
        guard openRequests == 0 else { return }
        if let id { register.rest(id) }
        if isFlooded {
            // Our direction first: closing with unread data would reset the connection, and the client could lose the answers.
            context.flush()
            context.close(mode: .output, promise: nil)
            leftover = close(context, in: Self.lingering)
        } else if isReading {
            leftover = close(context, in: Self.lingering)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = context.channel.isWritable ? nil : close(context, in: TimeAmount(configuration.idleTimeout))
        context.fireChannelWritabilityChanged()
    }

    private func close(_ context: ChannelHandlerContext, in time: TimeAmount) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    /// A body that will be refused for its size is not asked for.
    private func shouldContinue(_ head: HTTPRequest) -> Bool {
        guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
        return head.headerFields[.contentLength].flatMap { Int($0) }.map { $0 <= configuration.maximumBodyBytes }
            ?? true
    }

    /// Every refusal of ours has a body.
    private static func isBareRefusal(_ head: HTTPResponse) -> Bool {
        head.status == .badRequest && head.headerFields[.contentType] == nil
    }

    private static func problem() -> (HTTPResponse, ByteBuffer) {
        let requestID = UUID().uuidString.lowercased()
        let problem = Problem(.invalidRequest, "this is no HTTP/1.1 request, or its head is too large")
        let body = ByteBuffer(bytes: problem.json(requestID: requestID).bytes)
        var head = HTTPResponse(status: .badRequest)
        head.headerFields[.contentType] = Problem.contentType
        head.headerFields[.contentLength] = String(body.readableBytes)
        head.headerFields[.connection] = "close"
        head.headerFields.requestID = requestID
        return (head, body)
    }
}
