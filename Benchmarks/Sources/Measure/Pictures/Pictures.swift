/// The pictures of `docs/performance.md`.
public enum Pictures {
    /// Sends per sliding second of Sluice and of each comparator; nil without cells that have a series.
    public static func exactness(_ cells: [CellResult]) -> String? {
        let drawn = cells.filter { $0.series != nil }
        guard let first = drawn.first else { return nil }
        let panels = drawn.map { cell in
            PanelChart.Panel(
                title:
                    "\(cell.system): \(cell.over) windows over the quota, most \(cell.most), \(cell.throttled) refused",
                lines: [.init((cell.series ?? []).map(Double.init), isOurs: cell.system == "sluice")],
                limit: Double(cell.rate)
            )
        }
        return PanelChart(
            title: "Recipients offered to SES in the second before; quota \(first.rate)/s, latency \(first.latency)",
            panels: panels,
            step: 0.05
        ).svg
    }

    /// The owner's and the borrower's sends around the owner's waking; nil without cells.
    public static func borrowing(_ cells: [BorrowResult]) -> String? {
        let panels = cells.filter { !$0.owner.isEmpty }.flatMap { cell in
            let nodes = "\(cell.nodes) \(cell.nodes == 1 ? "node" : "nodes")"
            return [
                PanelChart.Panel(title: "the owner, \(nodes)", lines: [.init(cell.owner, isOurs: true)]),
                PanelChart.Panel(title: "the borrower, \(nodes)", lines: [.init(cell.borrower, isOurs: false)]),
            ]
        }
        guard !panels.isEmpty else { return nil }
        return PanelChart(
            title: "Recipients in the second before, mean of all wakings; the owner wakes at 0 s",
            panels: panels,
            step: 0.05,
            start: -1,
            marks: [(0, "202"), (1.4, "1.4 s")]
        ).svg
    }
}
