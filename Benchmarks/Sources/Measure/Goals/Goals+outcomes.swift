/// The goals of B4, B5, B6 and B9: what mail meets beside everything else that happens.
extension Goals {
    /// Seconds from the acceptance until SES, at the 99th percentile.
    static let delay = 0.1
    /// Of the quiet p99, beside a backlog.
    static let besideBacklog = 1.2
    /// Of the clean throughput, beside an old snapshot.
    static let besideSnapshot = 0.95
    /// How much longer a tenant's p99 may get beside a flood.
    static let besideFlood = 0.2
    /// Of a core, for a page while it is open.
    static let openPage = 0.01

    public static func mixed(_ cells: [MixedResult]) -> [Goal] {
        guard let rate = cells.first?.rate, let p99 = Spread(cells.compactMap(\.acceptedToSent?.p99))?.p50 else {
            return []
        }
        return [
            Goal(
                id: "B4",
                goal:
                    "\(Figures.thousands(Double(rate)))/s with events and webhooks: accept to SES, p99 under \(Figures.milliseconds(delay))",
                measured: Figures.milliseconds(p99),
                isMet: p99 < delay && cells.allSatisfy { $0.sent == $0.accepted }
            )
        ]
    }

    public static func neighbours(_ cells: [NeighbourResult]) -> [Goal] {
        guard let (quiet, noisy) = NeighbourResult.p99s(cells) else { return [] }
        return [
            Goal(
                id: "B5",
                goal:
                    "p99 beside another's backlog: at most \(Figures.decimals(besideBacklog, 1)) times the quiet one (I12)",
                measured:
                    "\(Figures.decimals(noisy / quiet, 2)) times (\(Figures.milliseconds(noisy)), quiet \(Figures.milliseconds(quiet)))",
                isMet: noisy <= besideBacklog * quiet
            )
        ]
    }

    public static func horizons(_ cells: [HorizonResult]) -> [Goal] {
        guard let (clean, pinned) = HorizonResult.rates(cells) else { return [] }
        return [
            Goal(
                id: "B6",
                goal: "throughput beside an old snapshot: \(Figures.percent(besideSnapshot)) of the clean one",
                measured:
                    "\(Figures.percent(pinned / clean)) (\(Figures.thousands(pinned)) of \(Figures.thousands(clean))/s)",
                isMet: pinned >= besideSnapshot * clean
            )
        ]
    }

    public static func floods(_ cells: [FloodResult]) -> [Goal] {
        guard let moved = FloodResult.moved(cells) else { return [] }
        return [
            Goal(
                id: "flood",
                goal:
                    "p99 beside a tenant that asks for ten times its rate: at most \(Figures.percent(besideFlood)) longer",
                measured: "\(Figures.percent(moved)) longer",
                isMet: moved < besideFlood
            )
        ]
    }

    public static func pages(_ cells: [PageResult]) -> [Goal] {
        guard let most = PageResult.costs(cells).map(\.node).max() else { return [] }
        return [
            Goal(
                id: "pages",
                goal: "an open page of the dashboard: less than \(Figures.percent(openPage)) of a core of the node",
                measured: "at most \(Figures.percent(most))",
                isMet: most < openPage
            )
        ]
    }

    public static func faults(_ cells: [FaultResult]) -> [Goal] {
        guard !cells.isEmpty else { return [] }
        let total = FaultTotal(cells)
        return [
            Goal(
                id: "B9",
                goal: "faults: lost 0, phantom 0, sent twice only after an outcome recorded as unknown",
                measured: """
                    lost \(total.lost), phantom \(total.phantoms), twice \(total.duplicates) of \(total.unknowns) unknown, \
                    in \(total.runs) runs
                    """,
                isMet: cells.allSatisfy(\.isSound)
            )
        ]
    }
}
