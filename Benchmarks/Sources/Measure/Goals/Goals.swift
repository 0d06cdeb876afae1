/// The goals of each benchmark, held against its figures.
public enum Goals {
    /// Messages a second by `POST /send`.
    static let single = 8000.0
    /// Of what the database can do by itself in batches.
    static let batchOfLimit = 0.5
    /// Messages settled a second.
    static let dispatch = 5000.0

    public static func acceptance(_ figures: [AcceptFigures]) -> [Goal] {
        let ours = AcceptResult.medians(figures.flatMap(\.accepted)).filter { $0.setting.system == "Sluice" }
        var goals: [Goal] = []
        if let one = ours.first(where: { $0.setting.batch == 1 && !$0.isOpen }) {
            goals.append(
                Goal(
                    id: "B2",
                    goal: "`POST /send`, 2 KiB, 64 connections: \(Figures.thousands(single))/s",
                    measured: "\(Figures.thousands(one.perSecond))/s",
                    isMet: one.perSecond >= single
                )
            )
        }
        let limit = ReportPage.bestLimits(figures).filter { $0.batch > 1 }.map(\.perSecond).max()
        if let batch = ours.first(where: { $0.setting.batch > 1 }), let limit {
            let part = batch.perSecond / limit
            goals.append(
                Goal(
                    id: "B2",
                    goal:
                        "`POST /send/batch` of \(batch.setting.batch): \(Figures.percent(batchOfLimit)) of the database's best",
                    measured:
                        "\(Figures.percent(part)) (\(Figures.thousands(batch.perSecond)) of \(Figures.thousands(limit))/s)",
                    isMet: part >= batchOfLimit
                )
            )
        }
        return goals
    }

    public static func dispatch(_ cells: [DispatchResult]) -> [Goal] {
        DispatchResult.medians(cells).filter { $0.system == "Sluice" }.map { cell in
            Goal(
                id: "B3",
                goal: "dispatch, SES answers after \(cell.latency): \(Figures.thousands(dispatch))/s settled",
                measured: "\(Figures.thousands(cell.perSecond))/s",
                isMet: cell.perSecond >= dispatch
            )
        }
    }

    public static func exactness(_ cells: [CellResult]) -> [Goal] {
        let ours = cells.filter { $0.system == "sluice" }
        guard !ours.isEmpty else { return [] }
        let over = ours.reduce(0) { $0 + $1.over + $1.overCeiling.values.reduce(0, +) }
        let refused = ours.reduce(0) { $0 + $1.throttled }
        var goals = [
            Goal(
                id: "B7",
                goal: "windows over a quota or a ceiling: 0",
                measured: "\(over) in \(ours.count) cells; \(refused) calls refused",
                isMet: over == 0 && refused == 0
            )
        ]
        if let least = ours.compactMap({ $0.saturated?.mean }).min() {
            goals.append(
                Goal(
                    id: "B7",
                    goal: "99 % of what credits allow, with backlog (I3)",
                    measured: "\(Figures.percent(least)) in the cell with the least, mean of all its windows of 10 s",
                    isMet: least >= 0.99
                )
            )
        }
        return goals
    }

    public static func borrowing(_ cells: [BorrowResult]) -> [Goal] {
        cells.compactMap { cell in
            guard let first = cell.first, let all = cell.all else { return nil }
            return Goal(
                id: "B8",
                goal: "an owner that wakes: first credit in 200 ms, all in 1.4 s, p99; \(cell.nodes) nodes",
                measured: "\(Figures.milliseconds(first.p99)) and \(Figures.milliseconds(all.p99))",
                isMet: first.p99 < 0.2 && all.p99 < 1.4 && cell.never == 0
            )
        }
    }

    public static func feedback(_ cells: [FeedbackFigures]) -> [Goal] {
        cells.map { cell in
            Goal(
                id: "feedback",
                goal: "what SES says is known exactly once, with the feedback node killed",
                measured:
                    "\(cell.run.wrong.count) differences in \(Figures.thousands(Double(cell.run.messages))) messages",
                isMet: cell.run.wrong.isEmpty && cell.backlog.unapplied == 0
            )
        }
    }

    public static func webhooks(_ cells: [WebhookResult]) -> [Goal] {
        let quiet = cells.filter { !$0.isBesideHanging }.compactMap { $0.delay?.p99 }
        let beside = cells.filter(\.isBesideHanging).compactMap { $0.delay?.p99 }
        guard let quiet = quiet.max(), let beside = beside.max(), quiet > 0 else { return [] }
        return [
            Goal(
                id: "webhooks",
                goal: "p99 beside an endpoint that hangs: at most 1.2 times the quiet value",
                measured: "\(Figures.decimals(beside / quiet, 2)) times (\(Figures.milliseconds(beside)))",
                isMet: beside <= 1.2 * quiet
            )
        ]
    }
}
