import Glibc
import Hummingbird
public import Logging
import NIOCore
import Outbound
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
        simulation = try Simulation(options)
    }

    /// Serves until it is told to stop. Throws `addressInUse` or `cannotBind`.
    public func run() async throws {
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: SimulatorResponder(simulation),
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port),
                serverName: "sluice-simulator",
                backlog: 1024
            ),
            onServerRunning: { [onBound] channel in
                let port = channel.localAddress?.port ?? 0
                bound.yield(port)
                await onBound(port)
            },
            logger: logger
        )
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let events = simulation.events { group.addTask { try await publish(events, ports) } }
                // Ends by itself at a graceful shutdown, the publisher only with it.
                try await application.run()
                bound.finish()
                group.cancelAll()
            }
        } catch let error as IOError {
            throw bindingError(error)
        }
    }

    /// Publishes events from when the port is known until cancelled.
    private func publish(_ events: EventDesk, _ ports: AsyncStream<Int>) async throws {
        guard let port = await ports.first(where: { _ in true }) else { return }
        let client = try HTTPClient(
            configuration: .init(
                maxConnections: 2 * events.options.concurrency,
                maxConnectionsPerHost: events.options.concurrency
            ),
            logger: logger
        )
        do {
            let base = "http://\(options.host):\(port)"
            try await EventPublisher(desk: events, base: base, client: client, logger: logger).run()
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
    }

    /// What the ledger says now; the same as `GET /_simulator/summary`.
    public func summary() -> SimulatorSummary {
        simulation.summary()
    }

    /// What was said of it; nil where events are off.
    public func eventSummary() -> EventSummary? {
        simulation.events?.summary()
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
