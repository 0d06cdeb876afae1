extension Pictures {
    /// How fast each system makes messages durable; nil without figures.
    public static func acceptance(_ figures: [AcceptFigures]) -> String? {
        let medians = AcceptResult.medians(figures.flatMap(\.accepted)).filter { !$0.isOpen }
        guard !medians.isEmpty else { return nil }
        let limits = ReportPage.bestLimits(figures)
        let groups = [1, 100].compactMap { batch -> BarChart.Group? in
            var bars = medians.filter { $0.setting.batch == batch }
                .map { BarChart.Bar($0.setting.system, $0.perSecond, isOurs: $0.setting.system.hasPrefix("Sluice")) }
            guard !bars.isEmpty else { return nil }
            let limits = limits.filter { ($0.batch == 1) == (batch == 1) }
            bars += limits.map { BarChart.Bar("pgbench, \($0.name)", $0.perSecond, isOurs: false) }
            let best = limits.map(\.perSecond).max()
            return BarChart.Group(
                title: batch == 1 ? "one message at once" : "\(batch) messages at once",
                bars: bars,
                goal: batch == 1 ? Goals.single : best.map { $0 * Goals.batchOfLimit }
            )
        }
        return BarChart(title: "Messages made durable per second (dashed: Sluice's goal)", groups: groups).svg
    }

    /// How long an acceptance took at a load that does not wait; nil without figures.
    public static func acceptanceLatency(_ figures: [AcceptFigures]) -> String? {
        let open = AcceptResult.medians(figures.flatMap(\.accepted)).filter(\.isOpen)
        let lines = open.compactMap { cell in
            cell.distribution.map { quantiles in
                let name = "\(cell.setting.system), \(Figures.thousands(cell.offered ?? 0))/s offered"
                return QuantileChart.Line(name, quantiles, isOurs: true)
            }
        }
        guard !lines.isEmpty else { return nil }
        return QuantileChart(title: "POST /send: from the intended instant to the 202", lines: lines).svg
    }

    /// How fast each system sends and finishes messages; nil without figures.
    public static func dispatch(_ cells: [DispatchResult]) -> String? {
        let medians = DispatchResult.medians(cells)
        var latencies: [String] = []
        for cell in medians where !latencies.contains(cell.latency) { latencies.append(cell.latency) }
        guard !latencies.isEmpty else { return nil }
        let groups = latencies.map { latency in
            BarChart.Group(
                title: "SES answers after \(latency)",
                bars: medians.filter { $0.latency == latency }
                    .map { BarChart.Bar($0.system, $0.perSecond, isOurs: $0.system == "Sluice") },
                goal: Goals.dispatch
            )
        }
        return BarChart(title: "Messages sent and finished per second (dashed: Sluice's goal)", groups: groups).svg
    }
}
