import FoundationEssentials
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// What Hummingbird leaves out on a connection: `100 Continue` (RFC 9110, section 10.1.1), for which curl waits a second
/// before a large body, and a problem for what is no HTTP request, which Hummingbird answers with a bare 400.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let maximumBodyBytes: Int
    private var openRequests = 0

    init(maximumBodyBytes: Int) {
        self.maximumBodyBytes = maximumBodyBytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) {
            // Behind an answer that is still to come, the word would be taken for that answer's.
            if openRequests == 0, shouldContinue(head) {
                let answer = HTTPResponse(status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil)
            }
            openRequests += 1
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where Self.isBareRefusal(head):
            let (head, body) = Self.problem()
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(body)), promise: promise)
        case .end:
            openRequests = max(0, openRequests - 1)
            context.write(data, promise: promise)
        default:
            context.write(data, promise: promise)
        }
    }

    /// A body that will be refused for its size is not asked for.
    private func shouldContinue(_ head: HTTPRequest) -> Bool {
        guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
        return head.headerFields[.contentLength].flatMap { Int($0) }.map { $0 <= maximumBodyBytes } ?? true
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
