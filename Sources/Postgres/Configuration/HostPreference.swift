import Synchronization

/// Which of several hosts was the right one last time. Shared by all copies of a configuration, so that after a failover
/// only the first connection pays for the host that does not answer.
final class HostPreference: Sendable {
    private let host = Mutex<String?>(nil)

    /// Puts the attempts at the preferred host first; those of one pass over the hosts stay together.
    func order(_ attempts: [[String: String]]) -> [[String: String]] {
        guard let preferred = host.withLock({ $0 }) else { return attempts }
        let isPreferred = { (attempt: [String: String]) in Self.name(attempt) == preferred }
        return attempts.filter(isPreferred) + attempts.filter { !isPreferred($0) }
    }

    /// The attempt led to a session.
    func note(_ attempt: [String: String]) {
        host.withLock { $0 = Self.name(attempt) }
    }

    private static func name(_ attempt: [String: String]) -> String {
        ["host", "hostaddr", "port"].map { attempt[$0] ?? "" }.joined(separator: " ")
    }
}
