import NIOCore
import NIOHTTP1

/// Says of the last request on a connection that it is the last, in the one way that Hummingbird understands: `Connection: close`.
/// HTTP/1.0 without `keep-alive` means the same, and so does `close` in other letters or among other options (RFC 9112,
/// section 9.3); who sends that waits for the end of the connection to see the end of the answer.
///
/// It goes before the codec to `HTTPRequest`, which has no version.
final class LastRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), !head.isKeepAlive else {
            return context.fireChannelRead(data)
        }
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }
}
