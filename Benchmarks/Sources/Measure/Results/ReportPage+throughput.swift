extension ReportPage {
    public static func limits(_ cells: [LimitResult]) -> String {
        var table = Table([
            "how", "clients", "messages per second", "PostgreSQL: CPU each", "pgbench: CPU each", "WAL each",
            "commits each",
        ])
        for cell in LimitResult.medians(cells) {
            let count = Double(max(cell.messages, 1))
            table.add([
                cell.name, "\(cell.clients)", Figures.thousands(cell.perSecond),
                Figures.microseconds(cell.database / count), Figures.microseconds(cell.client / count),
                "\(Figures.thousands(Double(cell.work.walBytes) / count)) B",
                Figures.decimals(Double(cell.work.commits) / count, 4),
            ])
        }
        return table.text
    }

    public static func acceptance(_ figures: [AcceptFigures]) -> String {
        var table = Table([
            "system", "at once", "clients", "messages per second", "p50 / p99", "system: CPU each",
            "PostgreSQL: CPU each", "client: CPU each", "WAL each", "commits each", "dead rows each", "contract",
        ])
        for limit in bestLimits(figures) {
            let count = Double(max(limit.messages, 1))
            table.add(
                [
                    "pgbench", "\(limit.batch)", "\(limit.clients)", Figures.thousands(limit.perSecond), "", "",
                    Figures.microseconds(limit.database / count), Figures.microseconds(limit.client / count),
                ] + work(limit.work, count) + ["the rows alone, made by the server"]
            )
        }
        for cell in AcceptResult.medians(figures.flatMap(\.accepted)) {
            let count = Double(max(cell.messages, 1))
            let offered = cell.offered.map { " of \(Figures.thousands($0)) offered" } ?? ""
            table.add(
                [
                    cell.setting.system, "\(cell.setting.batch)", "\(cell.setting.clients)",
                    Figures.thousands(cell.perSecond) + offered,
                    cell.latency.map {
                        "\(Figures.fineMilliseconds($0.p50)) / \(Figures.fineMilliseconds($0.p99))"
                    } ?? "",
                    Figures.microseconds(cell.cost.system / count), Figures.microseconds(cell.cost.database / count),
                    cell.cost.client.map { Figures.microseconds($0 / count) } ?? "",
                ] + work(cell.work, count) + [cell.setting.contract]
            )
        }
        return table.text
    }

    public static func dispatch(_ cells: [DispatchResult]) -> String {
        var table = Table([
            "system", "SES answers after", "messages per second", "worker: CPU each", "PostgreSQL: CPU each",
            "WAL each",
            "commits each", "dead rows each", "contract",
        ])
        for cell in DispatchResult.medians(cells) {
            let count = Double(max(cell.rows, 1))
            table.add(
                [
                    cell.system, cell.latency, Figures.thousands(cell.perSecond),
                    Figures.microseconds(cell.worker / count), Figures.microseconds(cell.database / count),
                ] + work(cell.work, count) + [cell.contract]
            )
        }
        return table.text
    }

    /// Of each batch size the best number of clients, each by its median.
    static func bestLimits(_ figures: [AcceptFigures]) -> [LimitResult] {
        let medians = LimitResult.medians(figures.flatMap(\.limit))
        var best: [LimitResult] = []
        for limit in medians {
            guard let index = best.firstIndex(where: { $0.batch == limit.batch }) else {
                best.append(limit)
                continue
            }
            if limit.perSecond > best[index].perSecond { best[index] = limit }
        }
        return best
    }

    private static func work(_ work: DatabaseWork, _ count: Double) -> [String] {
        [
            "\(Figures.thousands(Double(work.walBytes) / count)) B", Figures.decimals(Double(work.commits) / count, 4),
            Figures.decimals(Double(work.deadRows) / count, 2),
        ]
    }
}
