/// The tables of B5 and B6.
extension ReportPage {
    public static func neighbours(_ cells: [NeighbourResult]) -> String {
        var table = Table([
            "queued rows", "quota", "small tenants", "messages", "missing", "others' sends", "accept to SES: p50 / p99",
        ])
        for cell in cells {
            table.add([
                "\(cell.queued)", "\(cell.quota)/s", "\(cell.tenants)", "\(cell.accepted)", "\(cell.missing)",
                "\(cell.others)", delay(cell.delay),
            ])
        }
        let quiet = median(cells.filter { !$0.isBesideBacklog }.compactMap(\.delay?.p99))
        let noisy = median(cells.filter(\.isBesideBacklog).compactMap(\.delay?.p99))
        guard let quiet, let noisy, quiet > 0 else { return table.text }
        return table.text
            + "\n\np99 beside the backlog is \(Figures.decimals(noisy / quiet, 2)) times the quiet one (medians)."
    }

    public static func horizons(_ cells: [HorizonResult]) -> String {
        var table = Table([
            "snapshot", "accept to SES: p50 / p99", "missing", "dead rows then", "backlog drained at", "node a message",
            "PostgreSQL a message",
        ])
        for cell in cells {
            let micro = 1e6 / Double(max(1, cell.backlog))
            table.add([
                cell.isPinned ? "held for \(Int(cell.seconds)) s" : "none", delay(cell.delay), "\(cell.missing)",
                "\(cell.deadRows)", "\(Figures.decimals(cell.perSecond, 0))/s",
                "\(Figures.decimals(cell.node * micro, 0)) us", "\(Figures.decimals(cell.database * micro, 0)) us",
            ])
        }
        let clean = median(cells.filter { !$0.isPinned }.map(\.perSecond))
        let pinned = median(cells.filter(\.isPinned).map(\.perSecond))
        guard let clean, let pinned, clean > 0 else { return table.text }
        return table.text
            + "\n\nBeside the snapshot it sends \(Figures.percent(pinned / clean)) of what it sends without (medians)."
    }

    private static func median(_ figures: [Double]) -> Double? { Spread(figures)?.p50 }
}
