import NIOCore
import NIOPosix
import Synchronization

/// A port that leads to PostgreSQL's socket, and can be cut: what a node sees of a broken network.
final class DatabaseProxy: Sendable {
    enum Mode: Sendable {
        case forward
        /// Nothing moves in either direction, new connections included; nobody is told.
        case stall
        /// All connections are closed, and new ones at once.
        case refuse
        /// Everything arrives 50 ms late.
        case slow

        fileprivate var moves: Bool { self == .forward || self == .slow }
    }

    fileprivate struct State {
        var mode = Mode.forward
        var pairs: [ObjectIdentifier: (any Channel, any Channel)] = [:]
    }

    let port: Int
    private let listener: any Channel
    private let shared: Shared

    fileprivate final class Shared: Sendable {
        let state = Mutex(State())

        var isSlow: Bool { state.withLock { $0.mode == .slow } }
    }

    static func start(to socket: String) async throws -> DatabaseProxy {
        let shared = Shared()
        let port = try await FreePort.next()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in connect(client, to: socket, shared) }
            .bind(host: "127.0.0.1", port: port).get()
        return DatabaseProxy(port: port, listener: listener, shared: shared)
    }

    private init(port: Int, listener: any Channel, shared: Shared) {
        self.port = port
        self.listener = listener
        self.shared = shared
    }

    private static func connect(
        _ client: any Channel,
        to socket: String,
        _ shared: Shared
    ) -> EventLoopFuture<Void> {
        guard shared.state.withLock({ $0.mode != .refuse }) else { return client.close() }
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(unixDomainSocketPath: socket)
            .flatMap { server in
                client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(ForwardHandler(to: server, shared))
                    try server.pipeline.syncOperations.addHandler(ForwardHandler(to: client, shared))
                }.flatMap {
                    client.closeFuture.whenComplete { _ in
                        shared.state.withLock { $0.pairs[ObjectIdentifier(client)] = nil }
                    }
                    let reads = shared.state.withLock { state in
                        state.pairs[ObjectIdentifier(client)] = (client, server)
                        return state.mode.moves
                    }
                    return reads
                        ? read([client, server], on: client.eventLoop) : client.eventLoop.makeSucceededVoidFuture()
                }
            }
    }

    private static func read(_ channels: [any Channel], on loop: any EventLoop) -> EventLoopFuture<Void> {
        .andAllSucceed(channels.map { $0.setOption(.autoRead, value: true) }, on: loop)
    }

    func set(_ mode: Mode) {
        let pairs = shared.state.withLock { state in
            state.mode = mode
            return Array(state.pairs.values)
        }
        for (client, server) in pairs {
            switch mode {
            case .refuse:
                client.close(promise: nil)
                server.close(promise: nil)
            case .forward, .stall, .slow:
                for channel in [client, server] {
                    channel.setOption(.autoRead, value: mode.moves).whenFailure { _ in
                        channel.close(promise: nil)
                    }
                }
            }
        }
    }

    func dispose() {
        set(.refuse)
        listener.close(promise: nil)
    }
}

/// Writes what it reads to another channel, and closes that one when its own has closed.
private final class ForwardHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let target: any Channel
    private let shared: DatabaseProxy.Shared
    /// What is on its way; what comes after it is not to overtake it.
    private var late = 0

    init(to target: any Channel, _ shared: DatabaseProxy.Shared) {
        self.target = target
        self.shared = shared
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let data = unwrapInboundIn(data)
        guard shared.isSlow || late > 0 else {
            target.writeAndFlush(data, promise: nil)
            return
        }
        late += 1
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(50)) {
            self.late -= 1
            self.target.writeAndFlush(data, promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        target.close(promise: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
