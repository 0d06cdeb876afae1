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
    /// Beyond, queues are left to the others' own scans.
    private static let most = 3000

    private struct Queue: Hashable {
        let laneID: Int32
        let priority: Int16
    }

    private let pool: PostgresPool
    private let logger: Logger
    private let waiting = Mutex<[Queue: QueueSign]>([:])
    private let bell = Doorbell()

    public init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    public func note(_ signs: [QueueSign]) {
        guard !signs.isEmpty else { return }
        waiting.withLock { waiting in
            for sign in signs where waiting.count < Self.most {
                let queue = Queue(laneID: sign.laneID, priority: sign.priority.rawValue)
                waiting[queue] = waiting[queue].map { $0.adding(sign) } ?? sign
            }
        }
        bell.ring()
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.bell.wait(until: .now + .seconds(60))
                let signs = self.waiting.withLock { waiting in
                    defer { waiting = [:] }
                    return Array(waiting.values)
                }
                if signs.isEmpty { continue }
                do {
                    for statement in Hint.queues(signs).statements { _ = try await self.pool.query(statement) }
                    try? await Task.sleep(for: Self.rhythm)
                } catch {
                    self.logger.debug("other nodes not told of new rows", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: Self.pause)
                }
            }
        }
    }
}

extension QueueSign {
    fileprivate func adding(_ other: QueueSign) -> QueueSign {
        switch (rows, other.rows) {
        case (.more(let a), .more(let b)):
            QueueSign(
                laneID: laneID,
                priority: priority,
                rows: .more(a + b),
                first: first.flatMap { first in other.first.map { min(first, $0) } }
            )
        default: other
        }
    }
}
