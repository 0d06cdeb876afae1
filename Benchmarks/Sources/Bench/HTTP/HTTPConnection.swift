import NIOCore
import NIOHTTP1
import NIOPosix

/// One HTTP/1.1 connection to this machine, kept alive; one request at a time.
struct HTTPConnection: Sendable {
    private let channel: any Channel
    private let port: Int

    static func connect(port: Int) async throws(HTTPFailure) -> HTTPConnection {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(2))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(HTTPExchangeHandler())
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            return HTTPConnection(channel: channel, port: port)
        } catch {
            throw .unreachable
        }
    }

    var isOpen: Bool { channel.isActive }

    func send(
        _ method: HTTPMethod,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil,
        timeout: Double = 60
    ) async throws(HTTPFailure) -> HTTPAnswer {
        var fields = HTTPHeaders(headers)
        fields.add(name: "Host", value: "127.0.0.1:\(port)")
        if let body { fields.add(name: "Content-Length", value: "\(body.count)") }
        let exchange = HTTPExchange(
            head: HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: fields),
            body: body.map { ByteBuffer(bytes: $0) },
            answer: channel.eventLoop.makePromise()
        )
        let channel = channel
        let timer = channel.eventLoop.scheduleTask(in: .nanoseconds(Int64(timeout * 1e9))) {
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenFailure { _ in exchange.answer.fail(HTTPFailure.unanswered) }
        channel.writeAndFlush(exchange, promise: written)
        do {
            return try await exchange.answer.futureResult.get()
        } catch {
            throw .unanswered
        }
    }

    func close() { channel.close(promise: nil) }
}
