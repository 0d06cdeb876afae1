/// What a supervisor such as systemd is told about the process, from one look at its readiness to the next, in the lines of
/// `sd_notify(3)`. Pure.
public struct SupervisorNotes: Sendable {
    /// Said once a stop has begun.
    public static let stopping = "STOPPING=1\nSTATUS=draining"

    private let watchdog: Duration?
    private var wasReady = false
    private var status: String?
    private var lastSign: ContinuousClock.Instant?

    /// - Parameter watchdog: how long the supervisor waits for a sign of life; nil: it does not look.
    public init(watchdog: Duration?) {
        self.watchdog = watchdog
    }

    /// How long until the next look: short before the process is ready, since others wait for that.
    public var pause: Duration {
        let usual: Duration = wasReady ? .seconds(1) : .milliseconds(100)
        return min(usual, watchdog.map { $0 / 4 } ?? usual)
    }

    /// What is to be said now; nil: nothing new.
    ///
    /// - Parameter isListening: whether all listeners accept connections.
    public mutating func next(
        _ report: HealthReport,
        isListening: Bool,
        at now: ContinuousClock.Instant
    ) -> String? {
        var lines: [String] = []
        if report.isReady, isListening, !wasReady {
            wasReady = true
            lines.append("READY=1")
        }
        let words = Self.status(report, isListening: isListening)
        if words != status {
            status = words
            lines.append("STATUS=\(words)")
        }
        // A third of the interval, so that one sign may be lost.
        if let watchdog, lastSign.map({ $0.duration(to: now) >= watchdog / 3 }) ?? true {
            lastSign = now
            lines.append("WATCHDOG=1")
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private static func status(_ report: HealthReport, isListening: Bool) -> String {
        if report.phase == .draining { return "draining" }
        let open = report.checks.filter { $0.value != .passing }.sorted { $0.key < $1.key }
            .map { "\($0.key): \($0.value.description)" }
        if !open.isEmpty {
            // One assignment is one line.
            return "not ready: \(open.joined(separator: "; "))".split(whereSeparator: \.isNewline).joined(
                separator: " "
            )
        }
        return report.phase == .ready && isListening ? "ready" : "starting"
    }
}
