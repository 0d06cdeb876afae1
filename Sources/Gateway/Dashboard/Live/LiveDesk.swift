import Dashboard
import Directory
import Foundation
public import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization

/// Tells open pages what is new, once a second: however many pages show one thing, it is made once for all of them, and not at
/// all while nobody looks. Bounded; ends a page's news when its session ends.
public final class LiveDesk: Service {
    /// What is new of one topic.
    typealias Make = @Sendable () async throws -> [LivePart]

    /// How many pages may listen.
    public struct Limits: Sendable {
        public var perSession = 8
        public var total = 200

        public init() {}
    }

    private struct Listener {
        let topic: String
        let session: [UInt8]
        let keyHash: [UInt8]
        let continuation: AsyncStream<ByteBuffer>.Continuation
    }

    private struct State {
        var listeners: [UInt64: Listener] = [:]
        var topics: [String: Make] = [:]
        var busy: Set<String> = []
        var nextID: UInt64 = 0
        var isDraining = false
    }

    private static let interval = Duration.seconds(1)
    /// How often it is looked whether sessions have ended, in intervals.
    private static let sessionLooks = 2

    private let sessions: any SessionKeeping
    private let directory: any DirectorySource
    private let limits: Limits
    private let logger: Logger
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameter directory: knows whether the keys are still valid that sessions were begun with.
    public init(
        sessions: any SessionKeeping,
        directory: any DirectorySource,
        limits: Limits = Limits(),
        logger: Logger
    ) {
        self.sessions = sessions
        self.directory = directory
        self.limits = limits
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How many pages listen now.
    var listening: Int { state.withLock { $0.listeners.count } }

    /// The news of a topic, until the session ends, the node stops, or nobody reads them any more. Who reads slowly misses some.
    ///
    /// - Parameters:
    ///   - topic: names all that `make` depends on; of those who give the same name, the first one's is used.
    /// - Throws: problem `overloaded` when too many listen.
    func news(
        of topic: String,
        for session: DashboardSession,
        make: @escaping Make
    ) throws(Problem) -> AsyncStream<ByteBuffer> {
        let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream(bufferingPolicy: .bufferingNewest(2))
        let id: UInt64? = state.withLock { state in
            let own = state.listeners.values.count { $0.session == session.id }
            guard !state.isDraining, state.listeners.count < limits.total, own < limits.perSession else { return nil }
            state.nextID += 1
            state.listeners[state.nextID] = Listener(
                topic: topic,
                session: session.id,
                keyHash: session.keyHash,
                continuation: continuation
            )
            if state.topics[topic] == nil { state.topics[topic] = make }
            return state.nextID
        }
        guard let id else {
            throw Problem(.overloaded, "too many pages are open, or the node is being stopped", retryAfter: 5)
        }
        continuation.onTermination = { [weak self] _ in self?.leave(id) }
        signal.yield()
        return stream
    }

    /// Ends all news. The listener calls this first, because it waits for its requests.
    public func drain() {
        let listeners = state.withLock { state in
            state.isDraining = true
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.continuation.finish() }
    }

    /// Works while anybody listens, until the graceful shutdown.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await _ in self.signals {
                    var round = 0
                    while !Task.isCancelled, self.listening > 0 {
                        let started = ContinuousClock.now
                        self.endRevoked(at: Date())
                        for (topic, make) in self.due() {
                            group.addTask { await self.tell(topic, make) }
                        }
                        round += 1
                        if round % Self.sessionLooks == 0 { await self.endSessions() }
                        try? await Task.sleep(until: started + Self.interval, clock: .continuous)
                    }
                }
                group.cancelAll()
            }
        }
        drain()
    }

    private func leave(_ id: UInt64) {
        state.withLock { state in
            guard let listener = state.listeners.removeValue(forKey: id) else { return }
            if !state.listeners.values.contains(where: { $0.topic == listener.topic }) {
                state.topics[listener.topic] = nil
            }
        }
    }

    /// The topics whose last news are made.
    private func due() -> [(String, Make)] {
        state.withLock { state in
            let due = state.topics.filter { !state.busy.contains($0.key) }
            state.busy.formUnion(due.keys)
            return due.map { ($0.key, $0.value) }
        }
    }

    private func tell(_ topic: String, _ make: Make) async {
        var text: String
        do {
            let parts = try await make()
            text = parts.map { ServerSentEvent.part($0) }.joined() + ServerSentEvent.beat(at: Date())
        } catch {
            text = ServerSentEvent.stale
            if !Task.isCancelled { logger.debug("no news for a page", metadata: ["error": "\(error)"]) }
        }
        let listeners = state.withLock { state in
            state.busy.remove(topic)
            return state.listeners.values.filter { $0.topic == topic }
        }
        let buffer = ByteBuffer(string: text)
        for listener in listeners { listener.continuation.yield(buffer) }
    }

    /// Whose key was revoked or has expired is told nothing more.
    private func endRevoked(at now: Date) {
        guard let directory = directory.current else { return }
        let over = state.withLock { state in
            state.listeners.values.filter { listener in
                if case .valid = directory.find(hash: listener.keyHash, at: now) { false } else { true }
            }
        }
        for listener in over { listener.continuation.finish() }
    }

    /// Signing out, and what ends a session otherwise, ends the news of its pages.
    private func endSessions() async {
        let ids = state.withLock { Set($0.listeners.values.map(\.session)) }
        guard !ids.isEmpty, let living = try? await sessions.living(Array(ids)) else { return }
        let over = state.withLock { state in state.listeners.values.filter { !living.contains($0.session) } }
        for listener in over { listener.continuation.finish() }
    }
}
