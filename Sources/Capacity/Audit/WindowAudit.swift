/// Looks for half-open windows with more recipients than a limit, in attempts whose times are known as intervals.
///
/// A window is `certain` when more than the limit lie in it whatever the true times are, and `possible` when more could.
/// Attempts of one life share one clock error, so among themselves they are compared without it.
public struct WindowAudit: Sendable {
    /// Windows over the limit that overlap, as one.
    public struct Finding: Equatable, Sendable {
        public let isCertain: Bool
        /// From the first such window's start to the last one's end.
        public let from: Nanoseconds
        public let to: Nanoseconds
        /// The most recipients in one window.
        public let most: Int
    }

    /// Recipients, and nanoseconds.
    public let limit: Int
    public let window: Nanoseconds

    /// - Parameter limit: an account's credits or a share's ceiling.
    public init(limit: Int, window: Nanoseconds) {
        self.limit = limit
        self.window = window
    }

    /// The window in which an account with a quota of `rate` may send `CreditRule.credits`: max(1, 1/R) s, without the
    /// tolerance that our own rule adds.
    public static func window(rate: Double) -> Nanoseconds {
        CreditRule(quota: rate).window - CreditRule.clockTolerance
    }

    /// All findings, by time. What is possible is not told where it overlaps something certain that is as bad.
    public func findings(in attempts: [AuditedAttempt]) -> [Finding] {
        let counted = attempts.filter(\.isCertain)
        let audit = CertainWindows(limit: limit, window: window)
        var certain = audit.findings(in: counted)
        if counted.contains(where: { $0.error > 0 }) {
            for own in Dictionary(grouping: counted, by: \.life).values {
                certain += audit.findings(in: own.map(\.withoutError))
            }
        }
        let possible = PossibleWindows(limit: limit, window: window).findings(in: attempts)
        let merged = Self.merge(certain)
        let other = Self.merge(possible).filter { possible in
            !merged.contains { $0.from < possible.to && possible.from < $0.to && $0.most >= possible.most }
        }
        return (merged + other).sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    }

    /// Joins findings of one kind that overlap.
    static func merge(_ findings: [Finding]) -> [Finding] {
        var merged: [Finding] = []
        for finding in findings.sorted(by: { $0.from < $1.from }) {
            if let last = merged.last, finding.from < last.to {
                merged[merged.count - 1] = Finding(
                    isCertain: last.isCertain,
                    from: last.from,
                    to: max(last.to, finding.to),
                    most: max(last.most, finding.most)
                )
            } else {
                merged.append(finding)
            }
        }
        return merged
    }
}
