/// The figures of `docs/performance.md`, from what the commands wrote.
public enum ReportPage {
    public static func source(_ command: String, machine: [String: String], settings: [String: String]) -> String {
        let order = ["processor", "cores", "memory", "kernel", "postgresql", "program", "date"]
        let place = order.compactMap { key in machine[key].map { "\(key) \($0)" } }.joined(separator: ", ")
        let how = settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return "`\(command)`: \(place); \(how)."
    }

    public static func exactness(_ cells: [CellResult]) -> String {
        var table = Table([
            "system", "quota", "nodes", "latency", "what happens", "sent", "windows over", "most", "refused",
            "over a ceiling",
            "lost", "twice (unexplained)",
        ])
        for cell in cells {
            table.add([
                cell.system, "\(cell.rate)/s", "\(cell.nodes)", cell.latency, happening(cell), "\(cell.sent)",
                "\(cell.over)", "\(cell.most)", "\(cell.throttled)",
                cell.overCeiling.isEmpty ? "" : "\(cell.overCeiling.values.reduce(0, +))", "\(cell.lost)",
                "\(cell.duplicates) (\(cell.unexplained))",
            ])
        }
        return table.text
    }

    public static func utilisation(_ cells: [CellResult]) -> String {
        var table = Table([
            "system", "quota", "nodes", "latency", "what happens", "all backlogged: least / mean (I3)",
            "reshuffled: mean",
            "off the guarantee (I4)", "guarantee kept (I5)", "wakes: p50 / p99 (I6)",
        ])
        for cell in cells where cell.saturated != nil || cell.overall != nil {
            table.add([
                cell.system, "\(cell.rate)/s", "\(cell.nodes)", cell.latency, happening(cell),
                cell.saturated.map { "\(Figures.percent($0.least)) / \(Figures.percent($0.mean))" } ?? "",
                cell.overall.map { Figures.percent($0.mean) } ?? "",
                cell.deviation.map { "\(Figures.decimals($0, 1)) credits" } ?? "",
                cell.guarantee.map(Figures.percent) ?? "",
                cell.waking.map { "\(Figures.milliseconds($0.p50)) / \(Figures.milliseconds($0.p99))" } ?? "",
            ])
        }
        return table.text
    }

    public static func faults(_ cells: [CellResult]) -> String {
        var table = Table(["quota", "nodes", "fault", "longest silence", "resumed after", "full rate after"])
        for cell in cells {
            guard let fault = cell.fault, let pause = cell.pause else { continue }
            table.add([
                "\(cell.rate)/s", "\(cell.nodes)", fault, Figures.seconds(pause.silence),
                cell.inForce.map { "(in force after \(Figures.seconds($0)))" } ?? Figures.seconds(pause.resumed),
                cell.inForce == nil ? pause.restored.map(Figures.seconds) ?? "not seen" : "",
            ])
        }
        return table.text
    }

    public static func borrowing(_ cells: [BorrowResult]) -> String {
        var table = Table([
            "nodes", "latency", "wakings", "first send: p50 / p99", "all credits: p50 / p99", "lent again: p50 / p99",
            "windows over", "refused",
        ])
        func text(_ spread: Spread?, never: Int) -> String {
            let text = spread.map { "\(Figures.milliseconds($0.p50)) / \(Figures.milliseconds($0.p99))" } ?? "-"
            return never == 0 ? text : text + " (\(never) never)"
        }
        for cell in cells {
            table.add([
                "\(cell.nodes)", cell.latency, "\(cell.repetitions)", text(cell.first, never: 0),
                text(cell.all, never: cell.never), text(cell.taken, never: cell.neverTaken), "\(cell.over)",
                "\(cell.throttled)",
            ])
        }
        return table.text
    }

    public static func costs(_ cells: [CostResult]) -> String {
        var table = Table(["lanes", "messages per second", "leader", "another node", "PostgreSQL"])
        for cell in cells {
            table.add([
                "\(cell.lanes)", "\(cell.posted)", Figures.decimals(cell.leader, 3), Figures.decimals(cell.follower, 3),
                Figures.decimals(cell.database, 3),
            ])
        }
        return table.text
    }

    public static func webhooks(_ cells: [WebhookResult]) -> String {
        var table = Table([
            "quick endpoints", "beside one that hangs", "deliveries", "missing", "event to webhook: p50 / p99",
        ])
        for cell in cells {
            table.add([
                "\(cell.endpoints)", cell.isBesideHanging ? "yes" : "no", "\(cell.deliveries)", "\(cell.missing)",
                cell.delay.map { "\(Figures.milliseconds($0.p50)) / \(Figures.milliseconds($0.p99))" } ?? "-",
            ])
        }
        return table.text
    }

    public static func feedback(_ cells: [FeedbackFigures]) -> String {
        var run = Table([
            "messages", "feedback node killed", "wrong statuses", "wrong events", "wrong places", "wrong webhooks",
            "events told", "told again", "event to webhook: p50 / p99",
        ])
        var backlog = Table([
            "backlog of", "signed events", "drained in", "events per second", "feedback node", "PostgreSQL",
        ])
        for cell in cells {
            let (all, held) = (cell.run, cell.backlog)
            run.add([
                "\(all.messages)", "\(all.kills) times", "\(all.wrongStatuses.count)", "\(all.wrongEvents.count)",
                "\(all.wrongPlaces.count)", "\(all.wrongWebhooks.count)", "\(all.events)", "\(all.doubled)",
                all.eventToWebhook.map { "\(Figures.milliseconds($0.p50)) / \(Figures.milliseconds($0.p99))" } ?? "-",
            ])
            backlog.add([
                "\(held.messages) messages", "\(held.events)", Figures.seconds(held.seconds),
                Figures.decimals(held.perSecond, 0), Figures.percent(held.node), Figures.percent(held.database),
            ])
        }
        return run.text + "\n\n" + backlog.text
    }

    private static func happening(_ cell: CellResult) -> String {
        cell.fault ?? cell.lanes.map { "\($0) lanes" } ?? "demand comes and goes"
    }
}
