import Directory
import Synchronization

/// Finds sessions by their tokens. Bounded, because anybody can send a cookie and mail needs the database's connections; and so that
/// cookies that somebody makes up do not keep those waiting who are signed in.
final class SessionLookups: Sendable {
    /// How long what was found stands without a new look: a session that ends elsewhere lasts here for as long.
    static let freshness = Duration.seconds(1)
    /// How long somebody who was seen goes before strangers.
    private static let memory = Duration.seconds(600)
    private static let mostKnown = 2_000
    /// Tokens of no session that one source may show in a second.
    static let mostMisses = 20
    private static let period = Duration.seconds(1)

    private struct Known {
        let session: DashboardSession
        let at: ContinuousClock.Instant
    }

    private struct State {
        var known: [[UInt8]: Known] = [:]
        var misses: [SourceAddress: Int] = [:]
        var missesSince: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let acquaintances = BoundedLine(places: 2, waiting: 200)
    private let strangers = BoundedLine(places: 4, waiting: 60)

    /// Nil for a token of no session.
    ///
    /// - Parameters:
    ///   - source: nil where that says nothing, as behind a proxy that names nobody.
    ///   - look: asks the database.
    /// - Throws: problem `overloaded` while too many are looked for, or this source has shown too many that there are not.
    func find(
        _ token: String,
        from source: SourceAddress?,
        look: () async throws -> DashboardSession?
    ) async throws -> DashboardSession? {
        guard let id = DashboardSession.id(of: token) else { return nil }
        if let fresh = fresh(id) { return fresh }
        let isKnown = state.withLock { $0.known[id].map { .now - $0.at < Self.memory } ?? false }
        if !isKnown { try checkMisses(source) }
        return try await (isKnown ? acquaintances : strangers).with {
            // Another request of the same page may have been faster; and the source may have shown itself meanwhile.
            if let fresh = fresh(id) { return fresh }
            if !isKnown { try checkMisses(source) }
            let asked = ContinuousClock.now
            let session = try await look()
            note(session, id, from: source, at: asked)
            return session
        }
    }

    /// Of a session that has just begun.
    func keep(_ session: DashboardSession) { note(session, session.id, from: nil, at: .now) }

    /// Of one that was ended here.
    func forget(_ id: [UInt8]) { state.withLock { $0.known[id] = nil } }

    private func fresh(_ id: [UInt8]) -> DashboardSession? {
        state.withLock { state in
            guard let known = state.known[id], .now - known.at < Self.freshness else { return nil }
            return known.session
        }
    }

    private func checkMisses(_ source: SourceAddress?) throws(Problem) {
        guard let source else { return }
        let misses = state.withLock { state in
            Self.renew(&state)
            return state.misses[source] ?? 0
        }
        guard misses < Self.mostMisses else {
            throw Problem(
                .overloaded,
                "too many cookies of no session came from this address; try again",
                retryAfter: 1
            )
        }
    }

    private func note(
        _ session: DashboardSession?,
        _ id: [UInt8],
        from source: SourceAddress?,
        at instant: ContinuousClock.Instant
    ) {
        state.withLock { state in
            guard let session else {
                state.known[id] = nil
                Self.renew(&state)
                if let source { state.misses[source, default: 0] += 1 }
                return
            }
            if state.known.count >= Self.mostKnown {
                state.known = state.known.filter { instant - $0.value.at < Self.memory }
                if state.known.count >= Self.mostKnown { state.known = [:] }
            }
            state.known[id] = Known(session: session, at: instant)
        }
    }

    private static func renew(_ state: inout State) {
        guard state.missesSince.map({ .now - $0 >= period }) ?? true else { return }
        state.missesSince = .now
        state.misses = [:]
    }
}
