import Capacity

extension World {
    /// SES counts a call, if it does; returns whether it did.
    @discardableResult
    func count(_ call: WorldLife.Call, endedAt: Int64, life: WorldLife) -> Bool {
        // Nothing of a connection that is reset, or of a process that stands still past its deadline, counts later.
        let last = options.bugs.ignoresDeadline ? endedAt : min(endedAt, max(life.deadlineInWorld, call.startedAt))
        let at = min(call.counts, last + WorldLife.margin)
        sends.count(call.width, at: at)
        if options.checksShares {
            for share in ancestors[call.share] ?? [call.share] {
                sendsByShare[share, default: SendLog()].count(call.width, at: at)
            }
        }
        return true
    }

    /// A worker never has more of a share than its row says, while it may use it. After a failover the row may be missing.
    func checkRows(of life: WorldLife) {
        guard life.timeline == database.timeline, options.checksRows, !life.isOver, life.isTrusted,
            life.process.state != .dead
        else { return }
        for credits in life.scheduler.credits(at: .zero) {
            let held = database.row(credits.share, of: life.worker)?.held ?? 0
            if credits.held > held {
                find("I2: \(life.worker) has \(credits.held) credits of share \(credits.share), its row says \(held)")
            }
        }
    }

    /// Nobody buries a life that may still send.
    func checkCold(_ worker: Worker) {
        for life in lives where life.worker == worker && life.process.state == .running && life.isTrusted {
            find("\(worker) is buried while it trusts its lease")
        }
    }

    /// Everything that is checked at the end.
    ///
    /// - Parameter settles: what a lowered limit may take until it holds: W and one call come on top.
    func check(settles: Int64) -> [String] {
        let call = longestCall + WorldLife.margin
        if let overrun = sends.violation(settles: settles + call + database.rule.window) {
            find("I1, account: \(overrun)")
        }
        for (share, log) in sendsByShare.sorted(by: { $0.key < $1.key }) {
            if let overrun = log.violation(settles: settles + call + 2 * .second) {
                find("I1, share \(share): \(overrun)")
            }
        }
        if database.open > 0 { find("\(database.open) rows were never sent") }
        return findings
    }
}
