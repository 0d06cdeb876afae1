public import Logging

/// The notifications of some channels, for as long as one iterates: a connection of its own, made again with a growing
/// pause whenever it breaks. Each time it stands, first `.resync` comes. Ends when the task is cancelled.
///
/// Not through a transaction pooler, which drops subscriptions.
public struct PostgresListener: AsyncSequence, Sendable {
    public typealias Element = PostgresListenerEvent
    public typealias Failure = Never

    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let logger: Logger
    /// How often a silent connection is asked for a sign of life, and how long that may take.
    public var pingInterval: Duration = .seconds(5)

    public init(
        _ configuration: PostgresConfiguration,
        channels: [String],
        logger: Logger = Logger(label: "postgres")
    ) {
        self.configuration = configuration
        self.channels = channels
        self.logger = logger
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(configuration: configuration, channels: channels, logger: logger, pingInterval: pingInterval)
    }

    public struct Iterator: AsyncIteratorProtocol {
        private let configuration: PostgresConfiguration
        private let channels: [String]
        private let logger: Logger
        private let pingInterval: Duration
        private let backoff = Backoff()
        private var connection: PostgresConnection?
        private var failures = 0
        /// Received and not handed over yet, the next one last.
        private var received: [PostgresNotification] = []

        fileprivate init(
            configuration: PostgresConfiguration,
            channels: [String],
            logger: Logger,
            pingInterval: Duration
        ) {
            self.configuration = configuration
            self.channels = channels
            self.logger = logger
            self.pingInterval = pingInterval
        }

        /// `nil` when the task is cancelled.
        public mutating func next() async -> PostgresListenerEvent? {
            while !Task.isCancelled {
                if let notification = received.popLast() { return .notification(notification) }
                do {
                    guard let connection else {
                        connection = try await subscribe()
                        failures = 0
                        return .resync
                    }
                    received = try await connection.notifications(wait: pingInterval).reversed()
                    if received.isEmpty { try await connection.ping(timeout: pingInterval) }
                } catch {
                    await pause(after: error)
                }
            }
            connection = nil
            return nil
        }

        private func subscribe() async throws -> PostgresConnection {
            let connection = try await PostgresConnection.connect(configuration, logger: logger)
            for channel in channels {
                try await connection.listen(to: channel, timeout: pingInterval)
            }
            return connection
        }

        private mutating func pause(after error: any Error) async {
            connection = nil
            if error is CancellationError { return }
            failures += 1
            logger.debug("the listener lost its connection", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: backoff.delay(after: failures, jitter: Double.random(in: 0..<1)))
        }
    }
}
