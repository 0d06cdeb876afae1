/// Windows that must hold more than a limit: the recipients of the intervals that lie in them completely.
struct CertainWindows {
    let limit: Int
    let window: Nanoseconds

    /// Goes through the intervals by their ends. The window that ends with one holds those which ended before and began
    /// inside: a sum over begins, kept in a Fenwick tree.
    func findings(in attempts: [AuditedAttempt]) -> [WindowAudit.Finding] {
        let byEnd = attempts.indices.sorted { attempts[$0].last < attempts[$1].last }
        let begins = attempts.map(\.first).sorted()
        var tree = FenwickTree(count: begins.count)
        var findings: [WindowAudit.Finding] = []
        for (rank, index) in byEnd.enumerated() {
            let attempt = attempts[index]
            tree.add(Int(attempt.recipients), at: begins.firstIndex(notBelow: attempt.first) { $0 })
            // Ends are half-open: of several that end together only the last sees all.
            if rank + 1 < byEnd.count, attempts[byEnd[rank + 1]].last == attempt.last { continue }
            let from = attempt.last - window + 1
            let sum = tree.total - tree.sum(below: begins.firstIndex(notBelow: from) { $0 })
            guard sum > limit else { continue }
            let finding = WindowAudit.Finding(isCertain: true, from: from, to: attempt.last + 1, most: sum)
            if let last = findings.last, finding.from < last.to {
                findings[findings.count - 1] = WindowAudit.Finding(
                    isCertain: true,
                    from: last.from,
                    to: finding.to,
                    most: max(last.most, sum)
                )
            } else {
                findings.append(finding)
            }
        }
        return findings
    }
}
