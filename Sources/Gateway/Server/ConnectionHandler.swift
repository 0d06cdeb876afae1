import FoundationEssentials
import HTTPTypes
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// What Hummingbird leaves out on a connection: `100 Continue` (RFC 9110, section 10.1.1), for which curl waits a second
/// before a large body, a problem for what is no HTTP request, which Hummingbird answers with a bare 400, and one for a request
/// that a proxy may have understood otherwise. And the bounds that keep a connection from being held for nothing: by requests
/// that are sent faster than they are answered, by answers that nobody reads, by the rest of a body that was answered already.
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
    /// More requests came than may wait, or one that means two things: it and all behind it is dropped.
    private var isFinished = false
    private var leftover: Scheduled<Void>?
    private var stall: Scheduled<Void>?

    init(_ configuration: GatewayConfiguration, register: ConnectionRegister) {
        self.configuration = configuration
        self.register = register
    }

    func handlerAdded(context: ChannelHandlerContext) {
        do {
            let pipeline = context.pipeline.syncOperations
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(LastRequestHandler(), position: .before(codec))
        } catch {
            context.fireErrorCaught(error)
            return context.close(promise: nil)
        }
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
        if isFinished { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard openRequests < configuration.maximumPipelined else {
                isFinished = true
                return
            }
            guard !Self.isAmbiguous(head) else { return refuse(context) }
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
        if !isFinished { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where Self.isBareRefusal(head):
            let (head, body) = Self.problem("this is no HTTP/1.1 request, or its head is too large")
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
        if isFinished {
            finish(context)
        } else if isReading {
            leftover = close(context, in: Self.lingering)
        }
    }

    /// Our direction first: closing with unread data would reset the connection, and the client could lose the answers.
    private func finish(_ context: ChannelHandlerContext) {
        context.flush()
        context.close(mode: .output, promise: nil)
        leftover = close(context, in: Self.lingering)
    }

    /// Whether a proxy may see the end of the request, or whom it is for, elsewhere than we do: with a coding besides `chunked`, of
    /// which the decoder would take no notice, and with two hosts (RFC 9112, sections 3.2 and 6.1). The first host is the authority.
    private static func isAmbiguous(_ head: HTTPRequest) -> Bool {
        head.headerFields[values: .transferEncoding].contains { $0.lowercased() != "chunked" }
            || host.map(head.headerFields.contains) ?? false
    }

    private static let host = HTTPField.Name("Host")

    /// Behind answers that are still to come there is none, and then the connection ends.
    private func refuse(_ context: ChannelHandlerContext) {
        isFinished = true
        guard openRequests == 0 else { return }
        let (head, body) = Self.problem("the request has two hosts, or a Transfer-Encoding that is not 'chunked'")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        finish(context)
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

    private static func problem(_ detail: String) -> (HTTPResponse, ByteBuffer) {
        let requestID = UUID().uuidString.lowercased()
        let problem = Problem(.invalidRequest, detail)
        let body = ByteBuffer(bytes: problem.json(requestID: requestID).bytes)
        var head = HTTPResponse(status: .badRequest)
        head.headerFields[.contentType] = Problem.contentType
        head.headerFields[.contentLength] = String(body.readableBytes)
        head.headerFields[.connection] = "close"
        head.headerFields.requestID = requestID
        return (head, body)
    }
}
