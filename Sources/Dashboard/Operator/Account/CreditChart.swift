import Directory

/// The chart of an account's credits, with its legend and what it says in words.
struct CreditChart {
    let view: AccountView

    var html: HTML {
        let line = view.line
        let total = line.map { $0?.total }
        let latest = total.last { $0 != nil } ?? nil
        let quota = view.figures.rate
        let limits = quota.map { [SecondsChart.Limit("limit", $0)] } ?? []
        let lent = view.figures.shares.reduce(0) { $0 + $1.lent }
        let chart = SecondsChart(
            label: words(latest, quota, lent),
            count: AccountView.window,
            areas: [
                .init("use", total.map { $0.map { Double($0.inUse) } }),
                .init("cool", total.map { $0.map { Double($0.cooling) } }),
                .init("free", total.map { $0.map { Double($0.free) } }),
            ],
            lines: [
                .init("used", total.map { $0.map { Double($0.used) } }),
                .init("lent", view.lentLine),
            ],
            limits: limits
        )
        func item(_ swatch: HTML, _ name: String, _ value: String) -> HTML {
            "<li><span class=\"swatch \(swatch)\" aria-hidden=\"true\"></span>\(name) <b>\(value)</b></li>"
        }
        func count(_ value: Int?) -> String { value.map { Words.number($0) } ?? "-" }
        return """
            <div id="chart">\(chart.html)
            <ul class="legend">
            \(item("stroke", "sent in the second", count(latest?.used)))
            \(item("use", "in use", count(latest?.inUse)))
            \(item("cool", "cooling", count(latest?.cooling)))
            \(item("free", "free", count(latest?.free)))
            \(item("stroke lent", "lent", Words.number(lent)))
            \(item("stroke limit", "quota", quota.map { "\(Words.decimal($0))/s" } ?? "not known"))
            </ul></div>
            """
    }

    private func words(_ latest: LiveSecond.Credits?, _ quota: Double?, _ lent: Int) -> String {
        guard let latest else {
            return "Credits of \(view.account.name): nothing is known of the last \(AccountView.window) seconds yet"
        }
        return "Credits of \(view.account.name) in the last \(AccountView.window) seconds. In the latest, "
            + "\(Words.count(latest.used, "recipient was", "recipients were")) sent; of the credits \(latest.inUse) were in use, "
            + "\(latest.cooling) cooling and \(latest.free) free, \(lent) lent. "
            + (quota.map { "The quota is \(Words.decimal($0)) a second." } ?? "The quota is not known.")
    }

    /// The last seconds in numbers.
    var table: HTML {
        let rows = view.line.suffix(10).reversed().compactMap { second -> [HTML]? in
            guard let second else { return nil }
            let total = second.total
            let lent = view.lent[second.second].map { Words.number($0) } ?? "-"
            return [
                "\(Words.clock(second.second))",
                "\(total.used)", "\(total.inUse)", "\(total.cooling)", "\(total.free)", "\(lent)",
            ]
        }
        let table = Table(
            "The last seconds in numbers",
            [
                .text("Second (UTC)"), .number("Sent"), .number("In use"), .number("Cooling"), .number("Free"),
                .number("Lent"),
            ],
            rows: rows
        )
        let body = rows.isEmpty ? "<p class=\"empty\">Nothing is known yet.</p>" : table.html
        return "<div id=\"chart-table\">\(body)</div>"
    }
}
