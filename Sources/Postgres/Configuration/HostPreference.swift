import Synchronization

/// Which of several hosts was the right one last time, and the highest timeline that was seen. Shared by all copies of a
/// configuration, so that after a failover only the first connection pays for the host that does not answer, and so that no
/// connection leads back to a primary that has been replaced.
final class HostPreference: Sendable {
    private struct State {
        var host: String?
        /// A session on the host broke: it may be the right one no more.
        var isDoubtful = false
        var timeline: Int64?
    }

    private let state = Mutex(State())

    /// Puts the attempts at the preferred host first; those of one pass over the hosts stay together.
    func order(_ attempts: [[String: String]]) -> [[String: String]] {
        guard let preferred = state.withLock(\.host) else { return attempts }
        let isPreferred = { (attempt: [String: String]) in Self.name(attempt) == preferred }
        return attempts.filter(isPreferred) + attempts.filter { !isPreferred($0) }
    }

    /// The attempt led to a session.
    func note(_ attempt: [String: String], timeline: Int64?) {
        state.withLock { state in
            state.host = Self.name(attempt)
            state.isDoubtful = false
            if let timeline { state.timeline = max(state.timeline ?? timeline, timeline) }
        }
    }

    /// A session broke, or the host accepted none: from here on all hosts are asked again, until one is found.
    func doubt() {
        state.withLock { $0.isDoubtful = true }
    }

    /// Whether this was the right host last time, and nothing has spoken against it since.
    func isSure(of attempt: [String: String]) -> Bool {
        state.withLock { $0.host == Self.name(attempt) && !$0.isDoubtful }
    }

    /// The highest timeline of any session.
    var timeline: Int64? { state.withLock(\.timeline) }

    /// Whether a session on that timeline leads to a primary that has been replaced.
    func isOutdated(_ timeline: Int64?) -> Bool {
        guard let timeline, let highest = self.timeline else { return false }
        return timeline < highest
    }

    private static func name(_ attempt: [String: String]) -> String {
        ["host", "hostaddr", "port"].map { attempt[$0] ?? "" }.joined(separator: " ")
    }
}
