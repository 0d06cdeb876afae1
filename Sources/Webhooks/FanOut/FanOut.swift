public import Logging
import Outbox
public import Postgres
public import ServiceLifecycle

/// Moves each endpoint's cursor along its tenant's event feed, and queues what the endpoint is to be told. The cursor and the
/// deliveries are written in one transaction, so that none is missed and none made twice.
///
/// At most `FanOutStore.window` live deliveries are due for an endpoint: one that does not answer keeps its backlog in the
/// feed, where it takes no room of its own.
public struct FanOut: Service {
    private static let pace = LookPace(.milliseconds(50), most: .milliseconds(200))
    private static let replayInterval = Duration.milliseconds(250)
    private static let sweepInterval = Duration.seconds(10)
    private static let censusInterval = Duration.seconds(60)
    /// Events read in one pass, over all feeds.
    private static let entries = 4096

    private let store: FanOutStore
    private let feed: FeedReader
    private let sweep: DiscardSweep
    private let probe: EndpointProbe
    private let census: QueueCensus
    private let logger: Logger
    private let onQueued: @Sendable () -> Void

    /// - Parameter onQueued: called after each commit that queued deliveries, so that a dispatcher in this process need not
    ///   poll for them.
    public init(pool: PostgresPool, logger: Logger, onQueued: @escaping @Sendable () -> Void = {}) {
        store = FanOutStore(pool: pool)
        feed = FeedReader(pool: pool)
        sweep = DiscardSweep(pool: pool)
        probe = EndpointProbe(pool: pool)
        census = QueueCensus(pool: pool)
        self.logger = logger
        self.onQueued = onQueued
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var rests = FanOutRests()
            var pace = Self.pace
            var replaysAt = ContinuousClock.now
            var sweepAt = ContinuousClock.now
            var censusAt = ContinuousClock.now
            while !Task.isCancelled {
                var last = Pass()
                do {
                    let now = ContinuousClock.now
                    last = try await self.pass(except: rests.held(now: now))
                    rests.note(last, now: now)
                    if now >= replaysAt {
                        if try await !self.passReplays() { replaysAt = now + Self.replayInterval }
                    }
                    if now >= sweepAt {
                        sweepAt = now + Self.sweepInterval
                        try await self.sweep.run()
                        if try await self.probe.run() > 0 { self.onQueued() }
                    }
                    if now >= censusAt {
                        censusAt = now + Self.censusInterval
                        try await self.census.run()
                    }
                } catch {
                    if !Task.isCancelled {
                        self.logger.warning("webhooks not fanned out, trying again", metadata: ["error": "\(error)"])
                        try? await Task.sleep(for: .seconds(1))
                    }
                }
                let pause = pace.next(found: !last.moved.isEmpty)
                if !last.hasMore { try? await Task.sleep(for: pause) }
            }
        }
    }

    struct Pass {
        /// Endpoints whose cursors moved.
        var moved: Set<PostgresUUID> = []
        /// Endpoints without room.
        var full: [FanOutStore.Cursor] = []
        /// Whether others may wait behind those that it looked at.
        var isCrowded = false

        var hasMore: Bool { !moved.isEmpty || isCrowded && !full.isEmpty }
    }

    /// Moves the cursors of up to `FanOutStore.cursors` endpoints by one page.
    func pass(except held: [PostgresUUID] = []) async throws -> Pass {
        let waiting = try await store.waiting(except: held)
        guard !waiting.isEmpty else { return Pass() }
        var result = Pass()
        result.isCrowded = waiting.count == FanOutStore.cursors
        let queued = try await store.pool.withTransaction { connection in
            let cursors = try await store.lock(waiting, on: connection)
            result.full = cursors.filter { $0.places == 0 }
            let steps = try await steps(of: cursors.filter { $0.places > 0 })
            guard !steps.isEmpty else { return 0 }
            let moved = try await store.move(
                steps.map { ($0.cursor, $0.position, $0.cursor.isProbe && !$0.entries.isEmpty, $0.hasGap) },
                on: connection
            )
            result.moved = moved
            let deliveries = steps.filter { moved.contains($0.cursor.id) }.flatMap { step in
                step.entries.map { (cursor: step.cursor, entry: $0) }
            }
            try await store.queue(deliveries, isReplay: false, on: connection)
            return deliveries.count
        }
        if queued > 0 { onQueued() }
        return result
    }

    /// Moves replays by one page each; returns whether there were any.
    func passReplays() async throws -> Bool {
        var hasMoved = false
        let queued = try await store.pool.withTransaction { connection in
            var queued = 0
            for step in try await steps(of: try await store.lockReplays(on: connection)) {
                let entries = step.entries.filter { $0.seq <= step.cursor.end.seq }
                try await store.queue(entries.map { (step.cursor, $0) }, isReplay: true, on: connection)
                try await store.move(
                    replay: step.cursor.id,
                    to: step.position,
                    deliveries: entries.count,
                    isDone: step.position.seq >= step.cursor.end.seq,
                    on: connection
                )
                queued += entries.count
                hasMoved = true
            }
            return queued
        }
        if queued > 0 { onQueued() }
        return hasMoved
    }

    private struct Step {
        let cursor: FanOutStore.Cursor
        let entries: [FeedEntry]
        let position: FeedPosition
        /// Events before the page have been dropped.
        var hasGap = false
    }

    private struct Page: Hashable {
        let tenantID: Int32
        let position: FeedPosition
    }

    /// Reads what lies before the cursors, each page once however many endpoints stand before it.
    private func steps(of cursors: [FanOutStore.Cursor]) async throws -> [Step] {
        let pages = Array(Set(cursors.map { Page(tenantID: $0.tenantID, position: $0.position) }))
        guard !pages.isEmpty else { return [] }
        // Nobody can use more, unless a filter leaves most of it out.
        let most = cursors.map { $0.isFiltered ? FanOutStore.window : $0.places }.max() ?? 0
        let limit = min(most, max(64, Self.entries / pages.count))
        let contents = try await feed.entries(after: pages.map { ($0.tenantID, $0.position) }, limit: limit)
        let entries = Dictionary(zip(pages, contents), uniquingKeysWith: { first, _ in first })
        var steps: [Step] = []
        for cursor in cursors {
            let page = entries[Page(tenantID: cursor.tenantID, position: cursor.position)] ?? []
            guard !page.isEmpty else {
                // Retention was faster.
                let last = min(cursor.position.seq + Int64(limit), cursor.end.seq)
                let next = try await feed.position(tenantID: cursor.tenantID, after: last)
                steps.append(Step(cursor: cursor, entries: [], position: next, hasGap: true))
                continue
            }
            do {
                let filter = try EndpointFilter(events: cursor.events, conditions: cursor.conditions)
                let step = FanOutStep(through: page, filter: filter, room: cursor.places)
                guard let position = step.position else { continue }
                let hasGap = page[0].seq > max(cursor.position.seq, 0) + 1
                steps.append(Step(cursor: cursor, entries: step.entries, position: position, hasGap: hasGap))
            } catch {
                logger.error(
                    "the filter of a webhook cannot be read; nothing is sent to it",
                    metadata: ["tenant_id": "\(cursor.tenantID)", "error": "\(error)"]
                )
            }
        }
        return steps
    }
}
