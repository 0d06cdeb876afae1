/// Windows that could hold more than a limit: the recipients of the intervals that touch them.
struct PossibleWindows {
    let limit: Int
    let window: Nanoseconds

    /// An interval touches [t, t + window) where `first - window < t <= last`: so the most that can lie in one window is
    /// the most of such stretches that overlap, found by walking over their begins and ends.
    func findings(in attempts: [AuditedAttempt]) -> [WindowAudit.Finding] {
        let longest = attempts.map { $0.last - $0.first }.max() ?? 0
        let sorted = attempts.sorted { $0.first < $1.first }
        return stretches(of: sorted).flatMap { stretch in
            recheck(stretch, in: sorted, longest: longest)
        }
    }

    private func stretches(of sorted: [AuditedAttempt]) -> [WindowAudit.Finding] {
        let ends = sorted.indices.sorted { sorted[$0].last < sorted[$1].last }
        var findings: [WindowAudit.Finding] = []
        var sum = 0
        var most = 0
        var since: Nanoseconds = 0
        var end = 0
        for attempt in sorted {
            let begin = attempt.first - window + 1
            // A stretch includes its end, so what ends at `begin` still counts there.
            while end < ends.count, sorted[ends[end]].last < begin {
                let before = sum
                sum -= Int(sorted[ends[end]].recipients)
                if before > limit, sum <= limit {
                    findings.append(finding(from: since, lastStart: sorted[ends[end]].last, most: most))
                }
                end += 1
            }
            if sum <= limit { most = 0 }
            let before = sum
            sum += Int(attempt.recipients)
            if before <= limit, sum > limit { since = begin }
            most = max(most, sum)
        }
        while sum > limit, end < ends.count {
            sum -= Int(sorted[ends[end]].recipients)
            if sum <= limit { findings.append(finding(from: since, lastStart: sorted[ends[end]].last, most: most)) }
            end += 1
        }
        return findings
    }

    private func finding(from: Nanoseconds, lastStart: Nanoseconds, most: Int) -> WindowAudit.Finding {
        WindowAudit.Finding(isCertain: false, from: from, to: lastStart + window, most: most)
    }

    /// Where all that touches a stretch is of one life, its clock error is no reason for doubt.
    private func recheck(
        _ finding: WindowAudit.Finding,
        in sorted: [AuditedAttempt],
        longest: Nanoseconds
    ) -> [WindowAudit.Finding] {
        let from = sorted.firstIndex(notBelow: finding.from - longest) { $0.first }
        let to = sorted.firstIndex(notBelow: finding.to) { $0.first }
        let touching = sorted[from..<to].filter { $0.last >= finding.from }
        guard let life = touching.first?.life, touching.allSatisfy({ $0.life == life }),
            touching.contains(where: { $0.error > 0 })
        else { return [finding] }
        return stretches(of: touching.map(\.withoutError).sorted { $0.first < $1.first })
    }
}
