import Capacity
import Testing

/// Every step that a small world of leaders and workers can take, over rows that obey `GrantRow`.
///
/// A worker may give a surplus credit back at any time (it has cooled). Reads and reports may arrive late, never, or, as
/// reports do when their reply was lost, twice. A leader reads, checks and writes; others may come between.
struct HandshakeWorld: CustomTestStringConvertible {
    /// The rules that the handshake stands on. A test leaves one out.
    struct Rules {
        var takesOnlyNews = true
        var reportsNameTheirVersion = true
        var leadersLock = true
        var raiseLiftsHeld = true
    }

    let credits: Int
    let shares: Int
    let workers = 2
    let versions: Int
    var rules = Rules()
    let layout: HandshakeLayout

    init(credits: Int, shares: Int, versions: Int, reads: Int, reports: Int, leaders: Int, rules: Rules = Rules()) {
        self.credits = credits
        self.shares = shares
        self.versions = versions
        self.rules = rules
        layout = HandshakeLayout(shares: shares, workers: workers, reads: reads, reports: reports, leaders: leaders)
        precondition(layout.width <= 128 && versions < 8 && credits < 4)
    }

    var testDescription: String {
        "\(credits) credits, shares \(shares), versions \(versions), reads \(layout.reads[0].count), "
            + "reports \(layout.reports[0].count), leaders \(layout.leaders.count)"
    }

    /// What is wrong with a state, or nil.
    func problem(_ state: HandshakeState) -> String? {
        var sum = 0
        for share in layout.rows {
            for row in share {
                sum += state[row.real]
                if state[row.real] > state[row.held] { return "a worker has more than its row's held" }
            }
        }
        return sum > credits ? "\(sum) credits of \(credits)" : nil
    }

    /// Every state that can follow, with what happened.
    func successors(of state: HandshakeState, _ visit: (HandshakeState, @autoclosure () -> String) -> Void) {
        for worker in 0..<workers { workerSteps(state, worker, visit) }
        for leader in layout.leaders.indices { leaderSteps(state, leader, visit) }
    }

    private func workerSteps(
        _ state: HandshakeState,
        _ worker: Int,
        _ visit: (HandshakeState, @autoclosure () -> String) -> Void
    ) {
        for share in 0..<shares {
            let row = layout.rows[share][worker]
            if state[row.real] > state[row.obeyed] {
                var next = state
                next[row.real] -= 1
                visit(next, "worker \(worker) gives a credit of share \(share) back")
            }
        }
        for (slot, read) in layout.reads[worker].enumerated() {
            if state[read.isUnderWay] == 0 {
                if slot > 0, state[layout.reads[worker][slot - 1].isUnderWay] == 0 { continue }
                visit(sorted(ask(state, worker, read), worker), "worker \(worker) reads")
            } else {
                visit(sorted(take(state, worker, read), worker), "worker \(worker) takes read \(slot)")
                visit(sorted(drop(state, read), worker), "read \(slot) of worker \(worker) is lost")
            }
        }
        for (slot, report) in layout.reports[worker].enumerated() {
            if state[report.isUnderWay] == 0 {
                if slot > 0, state[layout.reports[worker][slot - 1].isUnderWay] == 0 { continue }
                for share in 0..<shares {
                    visit(
                        sorted(send(state, worker, share, report), worker),
                        "worker \(worker) reports on share \(share)"
                    )
                }
            } else {
                let applied = apply(state, worker, report)
                visit(applied, "report \(slot) of worker \(worker) is applied, and may be again")
                visit(sorted(forget(applied, report), worker), "report \(slot) of worker \(worker) is applied")
                visit(sorted(forget(state, report), worker), "report \(slot) of worker \(worker) is lost")
            }
        }
    }

    /// With what is under way to and from a worker in falling order, or the same states would come up twice.
    private func sorted(_ state: HandshakeState, _ worker: Int) -> HandshakeState {
        var state = state
        for slots in [layout.reads[worker].map(\.all), layout.reports[worker].map(\.all)] where slots.count == 2 {
            let (first, second) = (state[slots[0]], state[slots[1]])
            if first < second { (state[slots[0]], state[slots[1]]) = (second, first) }
        }
        return state
    }

    private func ask(_ state: HandshakeState, _ worker: Int, _ read: HandshakeLayout.Read) -> HandshakeState {
        var next = state
        next[read.isUnderWay] = 1
        next[read.version] = state[layout.version]
        for share in 0..<shares {
            next[read.granted[share]] = state[layout.rows[share][worker].granted]
            next[read.rowVersions[share]] = state[layout.rows[share][worker].version]
        }
        return next
    }

    /// As `AccountScheduler.take` and `CreditLedger.setGranted` do.
    private func take(_ state: HandshakeState, _ worker: Int, _ read: HandshakeLayout.Read) -> HandshakeState {
        var next = drop(state, read)
        if rules.takesOnlyNews, state[read.version] < state[layout.seen[worker]] { return next }
        next[layout.seen[worker]] = state[read.version]
        for share in 0..<shares {
            let row = layout.rows[share][worker]
            guard !rules.takesOnlyNews || state[read.rowVersions[share]] > state[row.obeyedVersion] else { continue }
            next[row.obeyed] = state[read.granted[share]]
            next[row.obeyedVersion] = state[read.rowVersions[share]]
            next[row.real] = max(state[row.real], state[read.granted[share]])
        }
        return next
    }

    private func drop(_ state: HandshakeState, _ read: HandshakeLayout.Read) -> HandshakeState {
        var next = state
        next[read.isUnderWay] = 0
        next[read.version] = 0
        for share in 0..<shares {
            next[read.granted[share]] = 0
            next[read.rowVersions[share]] = 0
        }
        return next
    }

    private func send(_ state: HandshakeState, _ worker: Int, _ share: Int, _ report: HandshakeLayout.Report)
        -> HandshakeState
    {
        var next = state
        next[report.isUnderWay] = 1
        next[report.share] = share
        next[report.held] = state[layout.rows[share][worker].real]
        next[report.version] = state[layout.rows[share][worker].obeyedVersion]
        return next
    }

    private func apply(_ state: HandshakeState, _ worker: Int, _ report: HandshakeLayout.Report) -> HandshakeState {
        let share = state[report.share]
        let place = layout.rows[share][worker]
        var row = grantRow(state, share, worker)
        let version = rules.reportsNameTheirVersion ? Int64(state[report.version]) : row.version
        row.apply(GrantReport(share: Int32(share), held: state[report.held], version: version, wanted: 0))
        var next = state
        next[place.held] = row.held
        return next
    }

    private func forget(_ state: HandshakeState, _ report: HandshakeLayout.Report) -> HandshakeState {
        var next = state
        for field in [report.isUnderWay, report.share, report.held, report.version] { next[field] = 0 }
        return next
    }

    private func grantRow(_ state: HandshakeState, _ share: Int, _ worker: Int) -> GrantRow {
        let row = layout.rows[share][worker]
        return GrantRow(
            share: Int32(share),
            worker: Worker(node: "w", epoch: Int64(worker)),
            granted: state[row.granted],
            held: state[row.held],
            version: Int64(state[row.version]),
            wanted: 0
        )
    }

    private func leaderSteps(
        _ state: HandshakeState,
        _ index: Int,
        _ visit: (HandshakeState, @autoclosure () -> String) -> Void
    ) {
        let leader = layout.leaders[index]
        if state[leader.isBusy] == 0 {
            let isLocked = layout.leaders.contains { state[$0.isBusy] == 1 }
            guard state[layout.version] < versions, !rules.leadersLock || !isLocked else { return }
            var next = state
            next[leader.isBusy] = 1
            for (place, row) in layout.rows.joined().enumerated() { next[leader.held[place]] = state[row.held] }
            visit(next, "leader \(index) reads")
            return
        }
        var released = state
        released[leader.isBusy] = 0
        for field in leader.held { released[field] = 0 }
        visit(released, "leader \(index) gives up")
        guard state[layout.version] < versions else { return }
        let count = shares * workers
        var grants = Array(repeating: 0, count: count)
        while true {
            // The check, against the rows as this leader read them.
            let sum = (0..<count).reduce(0) { $0 + max(state[leader.held[$1]], grants[$1]) }
            if sum <= credits, let next = write(grants, state: state, released: released) {
                visit(next, "leader \(index) grants \(grants)")
            }
            var place = 0
            while place < count, grants[place] == credits {
                grants[place] = 0
                place += 1
            }
            guard place < count else { return }
            grants[place] += 1
        }
    }

    private func write(_ grants: [Int], state: HandshakeState, released: HandshakeState) -> HandshakeState? {
        var next = released
        let version = state[layout.version] + 1
        var isChanged = false
        for share in 0..<shares {
            for worker in 0..<workers {
                let place = layout.rows[share][worker]
                let granted = grants[share * workers + worker]
                guard granted != state[place.granted] else { continue }
                isChanged = true
                var row = grantRow(state, share, worker)
                row.grant(granted, version: Int64(version))
                next[place.granted] = row.granted
                next[place.version] = Int(row.version)
                if rules.raiseLiftsHeld { next[place.held] = row.held }
            }
        }
        next[layout.version] = version
        return isChanged ? next : nil
    }
}
