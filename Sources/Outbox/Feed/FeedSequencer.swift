public import Logging
public import Postgres
public import ServiceLifecycle

/// Gives every recorded event its place in its tenant's feed, after the commit that recorded it: nobody who accepts mail or
/// settles it ever waits for a counter.
///
/// Every node runs one; an advisory lock picks the one that works. Two at once would still be right, because both take the
/// batches in one order under row locks; the lock only spares the others the asking.
public struct FeedSequencer: Service {
    private static let lock = AdvisoryLockKey.single(0x51_5345_5155_454E)
    private static let candidacy = Duration.seconds(2)
    /// How often the working one looks for news.
    private static let pace = LookPace(.milliseconds(25), most: .milliseconds(100))

    private let configuration: PostgresConfiguration
    private let pool: PostgresPool
    private let logger: Logger

    /// - Parameter postgres: for the session that holds the lock.
    public init(postgres: PostgresConfiguration, pool: PostgresPool, logger: Logger) {
        var configuration = postgres
        // One that is frozen, or cut off without a word, must not keep the others from working.
        configuration.settings["idle_session_timeout"] = "10s"
        self.configuration = configuration
        self.pool = pool
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let session = try await AdvisoryLockSession.open(
                        configuration,
                        timeout: .seconds(2),
                        logger: logger
                    )
                    await work(with: session)
                    await session.close()
                } catch {
                    logger.debug("no session for the feed's sequencer", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.candidacy)
            }
        }
    }

    /// Returns when the session is lost.
    private func work(with session: AdvisoryLockSession) async {
        do {
            while try await !session.tryLock(Self.lock) { try await Task.sleep(for: Self.candidacy) }
        } catch {
            return
        }
        await withTaskGroup { group in
            group.addTask { await session.watch(every: .seconds(1)) }
            group.addTask { await sequence(while: session) }
            await group.next()
            group.cancelAll()
        }
    }

    private func sequence(while session: AdvisoryLockSession) async {
        var turn = SequencerTurn()
        var pace = Self.pace
        while !Task.isCancelled, session.isAlive {
            do {
                let taken = try await turn.take(from: pool)
                let pause = pace.next(found: taken > 0)
                if taken < SequencerTurn.mostBatches { try await Task.sleep(for: pause) }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("events not sequenced, trying again", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
    }
}
