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
        guard let (quiet, noisy) = NeighbourResult.p99s(cells) else { return table.text }
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
        guard let (clean, pinned) = HorizonResult.rates(cells) else { return table.text }
        return table.text
            + "\n\nBeside the snapshot it sends \(Figures.percent(pinned / clean)) of what it sends without (medians)."
    }
}
