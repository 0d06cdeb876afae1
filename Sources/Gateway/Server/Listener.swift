import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// One HTTP/1.1 listener. A graceful shutdown stops listening, answers the requests that are open, and ends.
struct Listener: Sendable {
    let name: String
    let address: ListenAddress
    let configuration: GatewayConfiguration
    let logger: Logger
    let onBound: @Sendable (Int) async -> Void

    /// Serves until it is told to stop. Throws `addressInUse` or `cannotBind`.
    func run(_ router: Router<GatewayContext>) async throws {
        let configuration = configuration
        let register = ConnectionRegister(configuration)
        let application = Application(
            router: router,
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [ConnectionHandler(configuration, register: register)],
                    idleTimeout: TimeAmount(configuration.idleTimeout),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 << 10,
                        maxHeaderListSize: 64 << 10,
                        maxHeaderFieldCount: 100
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                serverName: "sluice",
                backlog: 1024
            ),
            onServerRunning: { [onBound] channel in await onBound(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw bindingError(error)
        } catch let error as SocketAddressError {
            throw bindingError(error)
        }
    }

    private func bindingError(_ error: any Error) -> GatewayError {
        if (error as? IOError)?.errnoCode == EADDRINUSE {
            return GatewayError(
                .addressInUse,
                "the \(name) listener cannot use \(address), which is taken; stop the other process or choose another port",
                cause: error
            )
        }
        return GatewayError(.cannotBind, "the \(name) listener cannot use \(address): \(error)", cause: error)
    }
}
