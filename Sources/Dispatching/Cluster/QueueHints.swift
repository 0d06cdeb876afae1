public import Logging
import Mail
public import Outbox
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Tells other nodes that queues of theirs got rows: gathered, and at most twenty times a second, from a transaction that
/// does nothing else, because a NOTIFY makes commits wait for each other.
public final class QueueHints: Service {
    private static let rhythm = Duration.milliseconds(50)
    private static let pause = Duration.seconds(1)
    private let pool: PostgresPool
    private let logger: Logger
    /// Tells our own hints, which come back to us, from the others'.
    let sender = UInt32.random(in: 1...UInt32.max)
    private let waiting = Mutex(GatheredSigns())
    private let isStopped = Mutex(false)
    private let bell = Doorbell()

    public init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    public func note(_ signs: [QueueSign]) {
        guard !signs.isEmpty else { return }
        waiting.withLock { $0.add(signs) }
        bell.ring()
    }

    /// Tells until the graceful shutdown, then once more: what the node gave back at its end is for others.
    public func run() async throws {
        await withGracefulShutdownHandler {
            while !Task.isCancelled {
                let isLast = self.isStopped.withLock(\.self)
                if !isLast { await self.bell.wait(until: .now + .seconds(60)) }
                let pause = await self.tell()
                if isLast { break }
                if let pause { try? await Task.sleep(for: pause) }
            }
        } onGracefulShutdown: {
            self.isStopped.withLock { $0 = true }
            self.bell.ring()
        }
    }

    /// Tells what has been gathered; returns how long not to tell more. What could not be told is kept.
    private func tell() async -> Duration? {
        let gathered = waiting.withLock { $0.take() }
        if gathered.isEmpty { return nil }
        do {
            if gathered.hasOverflown {
                for statement in Hint.allQueues.statements { _ = try await pool.query(statement) }
            }
            for statement in Hint.queues(gathered.all, from: sender).statements { _ = try await pool.query(statement) }
            // Looks from the start are not for every moment.
            return gathered.hasOverflown ? Self.pause : Self.rhythm
        } catch {
            logger.debug("other nodes not told of new rows, trying again", metadata: ["error": "\(error)"])
            waiting.withLock { $0.add(gathered) }
            bell.ring()
            return Self.pause
        }
    }
}
