import Capacity
import Directory
import Outbox

extension AccountEngine {
    /// What the engine's lock guards.
    struct State {
        var scheduler = AccountScheduler(rule: CreditRule(quota: 1))
        var account: Account?
        var limits: [Int32: ShareLimits] = [:]
        var lanes: [Int32: Lane] = [:]
        var quota: Double?
        var parking = Parking()
        var daily = DailyAllowance()
        var isPaused = false
        var isStopping = false
        var starts = StartCounts()
        var throttled: Int64 = 0
        var resumesAt: ContinuousClock.Instant?
        /// What others are to know of this worker has changed, and whether the reason for its park has.
        var isUnsaved = false
        var isParkNews = false
        var hasGrantHint = true
        var hasCompany = false
        var hasSuccessor = false
    }
}

extension AccountEngine.State {
    /// What the shares may hold by their configuration; in proportion, where they do not fit the quota.
    mutating func setLimits() {
        guard let account else { return }
        let credits = quota.map { CreditRule(quota: $0).credits }
        let tree = try? ShareTree.fitted(to: credits, shares: account.shares)
        limits = [:]
        let promised = tree?.nodes.first?.rate ?? 0
        for node in tree?.nodes ?? [] {
            guard let share = account.shareIDs[node.path] else { continue }
            var guarantee = node.ownRate
            var ceiling = node.ceiling
            if let credits, promised > credits {
                guarantee = guarantee * credits / promised
                ceiling = min(ceiling, credits)
            }
            limits[share] = ShareLimits(guarantee: guarantee, ceiling: ceiling)
        }
    }

    /// Takes over which lanes are held or slowed because their tenants' mail does harm.
    mutating func holdAndSlow() {
        for lane in lanes.values where lane.isHeld { scheduler.remove(lane: lane.id, share: lane.shareID) }
        scheduler.setCeilings(lanes.compactMapValues { $0.isHeld ? nil : $0.ceiling })
    }

    /// Whether there may be a 24-hour quota to heed; what SES says of an `auto` account is asked of the tables.
    var isDailyLimited: Bool {
        switch account?.quota {
        case .fixed(_, let daily, _): daily >= 0
        case .auto: true
        case nil: false
        }
    }

    mutating func apply(
        _ effect: AccountEffect,
        now: ContinuousClock.Instant,
        resumesAt: ContinuousClock.Instant
    ) {
        switch effect {
        case .none: break
        case .healthy: if parking.clear() { isUnsaved = true }
        case .throttled:
            throttled += 1
            isUnsaved = true
            self.resumesAt = resumesAt
        case .park(let reason, let detail):
            if parking.park(reason, detail: detail, now: now) {
                isUnsaved = true
                isParkNews = true
            }
        }
    }
}
