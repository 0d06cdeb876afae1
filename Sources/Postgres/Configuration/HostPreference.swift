import Synchronization

/// Which of several hosts was the right one last time, which do not answer, and the highest timeline that was seen. Shared by all
/// copies of a configuration, so that after a failover only the first connection pays for the host that does not answer, and so
/// that no connection leads back to a primary that has been replaced.
final class HostPreference: Sendable {
    /// What all hosts together have said.
    enum Verdict {
        /// Every other host answered, and is none that could have replaced this one.
        case certain
        /// Another host did not answer; it may have replaced this one.
        case doubtful
    }

    /// How long a host is taken for the right one while another does not answer.
    private static let trust = Duration.seconds(5)

    private struct State {
        var host: String?
        /// A session on the host broke: it may be the right one no more.
        var isDoubtful = false
        /// Set while another host does not answer: when to ask all again.
        var askAgain: ContinuousClock.Instant?
        /// Hosts that did not answer last time.
        var silent: Set<String> = []
        var timeline: Int64?
    }

    private let state = Mutex(State())

    /// Puts the attempts at the preferred host first, and those at hosts that did not answer last; those of one pass over the
    /// hosts stay together.
    func order(_ attempts: [[String: String]]) -> [[String: String]] {
        let (preferred, silent) = state.withLock { ($0.host, $0.silent) }
        let ranked = attempts.map { attempt in
            let name = Self.name(attempt)
            return (rank: silent.contains(name) ? 2 : name == preferred ? 0 : 1, attempt: attempt)
        }
        return (0...2).flatMap { rank in ranked.lazy.filter { $0.rank == rank }.map(\.attempt) }
    }

    /// The attempt led to a session.
    /// - Parameter verdict: nil when no other host was asked.
    func note(_ attempt: [String: String], timeline: Int64?, _ verdict: Verdict?, now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            state.host = Self.name(attempt)
            if let verdict {
                state.isDoubtful = false
                state.askAgain = verdict == .certain ? nil : now + Self.trust
            }
            if let timeline { state.timeline = max(state.timeline ?? timeline, timeline) }
        }
    }

    /// The host answered, if only that it is not the right one, or it did not.
    func note(_ attempt: [String: String], answered: Bool) {
        state.withLock { state in
            if answered { state.silent.remove(Self.name(attempt)) } else { state.silent.insert(Self.name(attempt)) }
        }
    }

    /// A session broke, or the host accepted none: from here on all hosts are asked again, until one is found.
    func doubt() {
        state.withLock { $0.isDoubtful = true }
    }

    /// Whether all hosts are to be asked again without need of a session, because one did not answer last time. True for one
    /// caller each time.
    func isTimeToAsk(now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            guard let time = state.askAgain, now >= time else { return false }
            state.askAgain = now + Self.trust
            state.isDoubtful = true
            return true
        }
    }

    /// Whether this was the right host last time, and nothing has spoken against it since.
    func isSure(of attempt: [String: String], now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            state.host == Self.name(attempt) && !state.isDoubtful && state.askAgain.map { now < $0 } ?? true
        }
    }

    /// The highest timeline of any session.
    var timeline: Int64? { state.withLock(\.timeline) }

    /// Whether a session on that timeline leads to a primary that has been replaced.
    func isOutdated(_ timeline: Int64?) -> Bool {
        guard let timeline, let highest = self.timeline else { return false }
        return timeline < highest
    }

    /// Whether nothing that is known replaces a server on that timeline.
    func isHighest(_ timeline: Int64?) -> Bool {
        guard let timeline, let highest = self.timeline else { return false }
        return timeline >= highest
    }

    private static func name(_ attempt: [String: String]) -> String {
        ["host", "hostaddr", "port"].map { attempt[$0] ?? "" }.joined(separator: " ")
    }
}
