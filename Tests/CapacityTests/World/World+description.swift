import Capacity

extension World: CustomStringConvertible {
    /// The state of things, for whoever looks into a seed that failed.
    var description: String {
        var lines = [
            "at \(Double(now) / 1e9) s, quota \(database.quota), in force \(database.rate ?? 0), held \(database.held)",
            "holder \(database.holder ?? -1), epoch \(database.epoch), lock \(database.lock ?? -1), "
                + "version \(database.version)",
        ]
        for process in processes where process.state != .dead {
            lines.append(
                "process \(process.number) \(process.name) \(process.state), leaves \(process.isLeaving), "
                    + "leader \(process.leader.map { "\($0.epoch) deposed \($0.isDeposed)" } ?? "no")"
            )
        }
        for worker in database.workers.keys.sorted() {
            let lease = database.leases[worker]
            lines.append(
                "\(worker) draining \(database.workers[worker]?.isDraining ?? false) \(lease.map { "\($0)" } ?? "")"
            )
            for row in database.rows(of: worker) {
                lines.append(
                    "  share \(row.share): granted \(row.granted), held \(row.held), v\(row.version), wanted \(row.wanted)"
                )
            }
        }
        for life in lives where !life.isOver && life.process.state != .dead {
            lines.append(
                "life \(life.worker) trusted \(life.isTrusted) claiming \(life.isClaiming) wakes \(life.wakesAt as Any)"
            )
            for credits in life.scheduler.credits(at: .zero) { lines.append("  \(credits)") }
        }
        for figure in lastPlan?.figures ?? [] { lines.append("\(figure)") }
        for (queue, rows) in database.queues.sorted(by: { $0.key.lane < $1.key.lane }) where rows.count > 0 {
            lines.append(
                "lane \(queue.lane): \(rows.count) rows, first of \(database.widths[Int(rows.rows[rows.head])])"
            )
        }
        return lines.joined(separator: "\n")
    }
}
