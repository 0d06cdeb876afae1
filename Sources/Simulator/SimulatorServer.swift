import Glibc
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// An SES v2 endpoint that keeps its own promises, as a service: `SendEmail`, `SendBulkEmail` and `GetAccount` over HTTP,
/// with a strict rate, a 24 h quota, latency, faults and a ledger. For development, tests and benchmarks.
///
/// A graceful shutdown answers the requests that are open. One value runs once.
public struct SimulatorServer: Service, Sendable {
    private let options: SimulatorOptions
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void
    private let simulation: Simulation

    /// `onBound` is called with the port once connections are accepted. Throws `invalidOption`.
    public init(
        options: SimulatorOptions,
        logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws(SimulatorError) {
        try options.validate()
        self.options = options
        self.logger = logger
        self.onBound = onBound
        simulation = Simulation(options)
    }

    /// Serves until it is told to stop. Throws `addressInUse` or `cannotBind`.
    public func run() async throws {
        let application = Application(
            responder: SimulatorResponder(simulation),
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port),
                serverName: "sluice-simulator",
                backlog: 1024
            ),
            onServerRunning: { [onBound] channel in await onBound(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw bindingError(error)
        }
    }

    /// What the ledger says now; the same as `GET /_simulator/summary`.
    public func summary() -> SimulatorSummary {
        simulation.summary()
    }

    private func bindingError(_ error: IOError) -> SimulatorError {
        let address = "\(options.host):\(options.port)"
        if error.errnoCode == EADDRINUSE {
            return SimulatorError(
                .addressInUse,
                "the simulator cannot listen on \(address), which is in use; stop the other process or choose another port",
                cause: error
            )
        }
        return SimulatorError(.cannotBind, "the simulator cannot listen on \(address): \(error)", cause: error)
    }
}
