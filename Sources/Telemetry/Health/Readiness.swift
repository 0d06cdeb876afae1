import Synchronization

/// The process's readiness, written by its services and read by `/readyz`. `/livez` doesn't ask it: a process that answers lives.
public final class Readiness: Sendable {
    private let state: Mutex<HealthReport>

    /// - Parameter checks: the names of the checks that must all pass; they begin as pending.
    public init(checks: [String] = ["database"]) {
        let pending = checks.map { ($0, HealthReport.Check.pending) }
        state = Mutex(HealthReport(phase: .starting, checks: Dictionary(pending) { first, _ in first }))
    }

    public var report: HealthReport { state.withLock { $0 } }
    public var isReady: Bool { report.isReady }

    /// Moves on to a later phase; an earlier one is ignored, so that a late start never undoes a stop.
    public func advance(to phase: HealthReport.Phase) {
        state.withLock { $0.phase = max($0.phase, phase) }
    }

    /// Sets one check; returns whether that changed it, so that a change can be logged once.
    @discardableResult
    public func set(_ name: String, _ check: HealthReport.Check) -> Bool {
        state.withLock { state in
            defer { state.checks[name] = check }
            return state.checks[name] != check
        }
    }
}
