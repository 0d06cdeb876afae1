/// The leader's mind for one account: from what every worker holds and wants to what each is granted.
///
/// Pure. It is asked twice: with what was read at a glance, whether there is something to change, and again under the
/// account's lock with the rows as they are then, for the change that is written. `GrantLimits` keeps every raise within the
/// quota and the ceilings, whatever is wanted.
public struct GrantPlanner: Sendable {
    private var shares: [Share] = []
    private var numbersByPath: [String: Int32] = [:]
    private var served: Set<Int32> = []
    private var tree: ShareTree?
    /// Share numbers by index of the tree; nil for one that has none.
    private var numbers: [Int32?] = []
    private var indices: [Int32: Int] = [:]
    private var isServed: [Bool] = []
    private var quota: EffectiveQuota?
    private var owed: [Int32: Double] = [:]
    private var plannedAt: MonotonicTime?
    private var throttles: [Worker: Int64] = [:]
    /// On how many workers a share lives that outgrew one.
    private var spread: [Int32: Int] = [:]
    private var placement = Placement()
    /// By share, for as long as the workers are the same: how many, and which.
    private var homes: [Int32: (count: Int, workers: [Worker])] = [:]

    public init() {}

    /// The quota before it was cut; nil while it is not known.
    public var fullQuota: Double? { quota?.quota }

    /// Takes over the shares as configured.
    ///
    /// - Parameters:
    ///   - numbers: the shares' numbers by path.
    ///   - served: the shares that have lanes.
    public mutating func configure(_ shares: [Share], numbers: [String: Int32], served: Set<Int32>) {
        self.shares = shares
        numbersByPath = numbers
        self.served = served
        plant()
    }

    /// Takes the quota as it is when nobody else uses the account, in recipients a second.
    public mutating func setQuota(_ rate: Double) {
        if quota?.quota == rate { return }
        if quota == nil { quota = EffectiveQuota(quota: rate) } else { quota?.setQuota(rate) }
        plant()
    }

    /// Takes over the rate that a predecessor left in force: a cut recovers from there, not from the whole quota.
    public mutating func resume(rate: Double, now: MonotonicTime) { quota?.resume(at: rate, now: now) }

    /// Lays the shares out. Where they do not fit the quota, the allocation shrinks all in proportion.
    private mutating func plant() {
        guard let quota = quota?.quota else { return }
        tree = try? .fitted(to: CreditRule(quota: quota).credits, shares: shares)
        guard let tree else { return }
        numbers = tree.nodes.map { numbersByPath[$0.path] }
        indices = [:]
        for (index, number) in numbers.enumerated() { if let number { indices[number] = index } }
        isServed = numbers.map { $0.map(served.contains) ?? false }
    }

    /// Takes the workers' counts of refused calls. A count that has grown cuts the quota.
    public mutating func note(throttles counts: [Worker: Int64], now: MonotonicTime) {
        let isFirst = plannedAt == nil
        let hasGrown = counts.contains { worker, count in count > (throttles[worker] ?? (isFirst ? count : 0)) }
        throttles = counts
        if hasGrown { quota?.throttled(at: now) }
    }

    /// Plans over all rows of the account; nil while the quota or the shares are not known.
    ///
    /// - Parameter workers: those that may be granted credits.
    public mutating func plan(_ rows: [GrantRow], workers: [Worker], now: MonotonicTime) -> GrantPlan? {
        guard let tree, let rate = quota?.value(at: now) else { return nil }
        let rule = CreditRule(quota: rate)
        var sheet = GrantSheet(rows, indices: indices, count: tree.nodes.count)
        place(&sheet, tree: tree, among: workers.sorted())
        let allocation = Allocation(credits: rule.credits, tree: tree, demands: demands(sheet))
        age(allocation, now: now)
        settle(allocation.targets, tree: tree)
        var plan = GrantPlan(rate: rate)
        plan.reserve = allocation.reserve
        sheet.aim(at: allocation.targets)
        sheet.lower()
        var limits = GrantLimits(credits: rule.credits, tree: tree, sheet: sheet)
        sheet.keep(within: limits)
        sheet.raise(within: &limits, tree: tree)
        plan.changes = sheet.changes
        plan.removals = sheet.idle
        plan.isMoving = sheet.isShort
        plan.isRestless = quota?.isReduced == true || allocation.fractions.contains { $0 > 0 }
        plan.figures = tree.nodes.indices.compactMap { index in
            numbers[index].map {
                GrantPlan.Figure(
                    share: $0,
                    path: tree.nodes[index].path,
                    guarantee: tree.nodes[index].ownRate,
                    lends: tree.nodes[index].lend,
                    granted: sheet.granted(index),
                    target: allocation.targets[index],
                    wanted: sheet.wanted(index)
                )
            }
        }
        return plan
    }

    private mutating func place(_ sheet: inout GrantSheet, tree: ShareTree, among workers: [Worker]) {
        if placement.workers != workers {
            placement = Placement(workers)
            homes = [:]
        }
        for (index, node) in tree.nodes.enumerated() {
            guard isServed[index], let share = numbers[index] else { continue }
            let count = spread[share] ?? Placement.count(for: max(node.ownRate, sheet.held(index)))
            if homes[share]?.count != count { homes[share] = (count, placement.homes(of: share, count: count)) }
            sheet.place(index, share: share, on: homes[share]?.workers ?? [])
        }
    }

    private func demands(_ sheet: GrantSheet) -> [Allocation.Demand] {
        numbers.indices.map { index in
            Allocation.Demand(
                wanted: sheet.wanted(index),
                granted: sheet.granted(index),
                // Without a worker its credits are of no use to it.
                isServed: isServed[index] && sheet.isPlaced(index),
                owed: numbers[index].flatMap { owed[$0] } ?? 0
            )
        }
    }

    /// Says on how many workers a share is to live from the next plan on. It goes by what the share is due, which credits
    /// on their way don't change, and shrinks late: to move is dearer than to stay.
    private mutating func settle(_ targets: [Int], tree: ShareTree) {
        for (index, number) in numbers.enumerated() {
            guard let number else { continue }
            let due = max(tree.nodes[index].ownRate, targets[index])
            let count = spread[number] ?? 1
            let least = Placement.count(for: due + due / 4)
            spread[number] = max(Placement.count(for: due), min(count, least))
        }
    }

    /// Remembers what those who are due less than one credit have been left out of: by what they had, not by what they
    /// were meant to have, which may not have come back yet. It fades, because what is on its way nobody has.
    private mutating func age(_ allocation: Allocation, now: MonotonicTime) {
        let seconds = plannedAt.map { Double(min(now - $0, .second)) / Double(Nanoseconds.second) } ?? 0
        plannedAt = now
        for (index, number) in numbers.enumerated() {
            guard let number else { continue }
            let fraction = allocation.fractions[index]
            if fraction > 0 {
                let missed = (fraction - Double(allocation.granted[index])) * seconds
                owed[number] = (owed[number] ?? 0) * (1 - seconds / Self.memory) + missed
            } else if allocation.parts[index] > 0 || !allocation.isDue[index] {
                // Else the share above it has no credit now: the turn is not forgotten.
                owed[number] = nil
            }
        }
    }

    /// In seconds.
    private static let memory = 300.0
}
