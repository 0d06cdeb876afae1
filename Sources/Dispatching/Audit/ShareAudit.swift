import Capacity
import Directory

import struct Foundation.Date

/// Holds a timeline against the quota, the ceilings and the guarantees of an account.
struct ShareAudit {
    private let account: Account
    private let rate: Double
    private let timeline: AttemptTimeline
    private let tree: ShareTree

    /// - Throws: `ShareProblem` when the shares contradict each other.
    init(account: Account, rate: Double, timeline: AttemptTimeline) throws {
        self.account = account
        self.rate = rate
        self.timeline = timeline
        // A quota that fell below the guarantees leaves their ceilings as they are.
        tree = try .fitted(to: CreditRule(quota: rate).credits, shares: account.shares)
    }

    func windows() -> [QuotaReport.Window] {
        let credits = CreditRule(quota: rate).credits
        var windows = findings(share: "", limit: credits, in: timeline.shares.values.flatMap(\.attempts))
        for node in tree.nodes {
            // A ceiling that the parent has too says nothing of its own.
            guard let parent = node.parent, node.ceiling < min(credits, tree.nodes[parent].ceiling) else { continue }
            let below = account.shareIDs.filter { $0.key == node.path || $0.key.hasPrefix(node.path + "/") }.values
            let attempts = below.flatMap { timeline.shares[$0]?.attempts ?? [] }
            windows += findings(share: node.path, limit: node.ceiling, in: attempts)
        }
        return windows
    }

    private func findings(share: String, limit: Int, in attempts: [AuditedAttempt]) -> [QuotaReport.Window] {
        WindowAudit(limit: limit, window: WindowAudit.window(rate: rate)).findings(in: attempts).map { finding in
            QuotaReport.Window(
                share: share,
                isCertain: finding.isCertain,
                from: Date(nanoseconds: finding.from),
                to: Date(nanoseconds: finding.to),
                most: finding.most,
                limit: limit
            )
        }
    }

    /// Of each share what is guaranteed to its own lanes: its rate less its children's.
    func misses() -> [QuotaReport.Miss] {
        tree.nodes.flatMap { node -> [QuotaReport.Miss] in
            guard node.ownRate > 0, let id = account.shareIDs[node.path], let log = timeline.shares[id] else {
                return []
            }
            let call = account.window == .egress ? 0 : log.meanCall
            return GuaranteeAudit(guarantee: node.ownRate, rate: rate, call: call).misses(in: log.waits).map { miss in
                QuotaReport.Miss(
                    share: node.path,
                    from: Date(nanoseconds: miss.from),
                    to: Date(nanoseconds: miss.to),
                    least: miss.least,
                    guaranteed: miss.guaranteed
                )
            }
        }
    }
}
