import Foundation

extension TopView {
    /// The line of the whole, and that of the last minute.
    func heading(_ picture: TopPicture, _ state: TopState) -> [StyledLine] {
        var first = StyledLine("sluice top", .title)
        first.add("  " + picture.at.formatted(.iso8601), .faint)
        first.add(
            "  \(picture.nodes.count) \(picture.nodes.count == 1 ? "node" : "nodes")",
            picture.nodes.isEmpty ? .bad : .plain
        )
        first.add("  \(CountText.text(picture.waiting)) waiting", .strong)
        if picture.oldestAt != nil { first.add("  oldest \(AgeText.since(picture.oldestAt, now: picture.at))") }
        if state.isPaused {
            first.add("  PAUSED", .warning)
        } else if state.interval >= 1.5 {
            first.add("  every \(RateText.text(state.interval)) s", .faint)
        }
        return [first, outcomes(picture)]
    }

    private func outcomes(_ picture: TopPicture) -> StyledLine {
        let outcomes = picture.outcomes
        var line = StyledLine("1 min", .faint)
        func add(_ name: String, _ count: Int?, _ style: TextStyle) {
            line.add("  \(name) ", .faint)
            line.add(count.map { CountText.text($0) } ?? "-", (count ?? 0) > 0 ? style : .plain)
        }
        add("sent", outcomes.sent, .good)
        add("throttled", outcomes.throttled, .bad)
        add("unknown", outcomes.unknown, .warning)
        add("bounced", outcomes.bounced, .warning)
        add("complained", outcomes.complained, .bad)
        add("delivered", outcomes.delivered, .good)
        return line
    }

    /// An account: a line of its quota, what is wrong with it, and its shares.
    func account(_ account: TopPicture.Account, _ state: TopState, now: Date) -> [StyledLine] {
        let shares = account.shares.filter {
            isWanted(account.name, "\(account.name)/\($0.path)", by: state)
                && (!$0.path.isEmpty || $0.used > 0 || $0.granted > 0 || $0.waiting > 0 || $0.lent > 0)
        }
        guard !shares.isEmpty || isWanted(account.name, by: state) else { return [] }
        var lines = [quota(account)] + troubles(account, now: now)
        let table = TopTable(
            [
                .init(title: "SHARE", width: 14, isRight: false, most: 28), .init(title: "USED/S", width: 7),
                .init(title: "RATE", width: 5, importance: 4), .init(title: "CEIL", width: 6, importance: 2),
                .init(title: "CREDITS", width: 7, importance: 3), .init(title: "LOANS", width: 9, importance: 1),
                .init(title: "WAITING", width: 8), .init(title: "OLDEST", width: 6),
                .init(title: "", width: 8, isRight: false, importance: 0, most: 50),
            ],
            width: width,
            ellipsis: glyphs.ellipsis
        )
        lines.append(table.heading)
        let quota = account.rateInForce ?? account.quota ?? 0
        for share in shares {
            let bar = ShareBar(
                used: share.used,
                granted: Double(share.granted),
                rate: Double(share.rate ?? 0),
                ceiling: share.path.isEmpty ? 0 : share.ceiling.map(Double.init) ?? quota,
                quota: max(quota, account.quota ?? 0)
            )
            lines.append(
                table.line(cells(share, now: now) + [.init(bar.line(width: table.width(of: "") ?? 0, glyphs: glyphs))])
            )
        }
        return lines
    }

    private func cells(_ share: TopPicture.Share, now: Date) -> [TopTable.Cell] {
        let loans = [
            share.borrowed > 0 ? "+\(share.borrowed)" : nil, share.lent > 0 ? "-\(share.lent)" : nil,
        ].compactMap(\.self).joined(separator: " ")
        return [
            .init(name(share)), .init(RateText.text(share.used), share.used > 0 ? .good : .faint),
            .init(share.rate.map(String.init) ?? ""),
            .init(share.path.isEmpty ? "" : share.ceiling.map(String.init) ?? "parent"), .init("\(share.granted)"),
            .init(loans, .warning),
            .init(CountText.text(share.waiting, width: 8), share.waiting > 0 ? .strong : .faint),
            .init(AgeText.since(share.oldestAt, now: now)),
        ]
    }

    /// The last part of the path, as far in as it is deep.
    private func name(_ share: TopPicture.Share) -> String {
        if share.path.isEmpty { return "(account)" }
        let parts = share.path.split(separator: "/")
        return String(repeating: "  ", count: parts.count - 1) + (parts.last.map(String.init) ?? "")
    }

    private func quota(_ account: TopPicture.Account) -> StyledLine {
        var line = StyledLine(account.name, .title)
        let inForce = account.rateInForce.map { "\(RateText.text($0))/s" } ?? "not known yet"
        line.add("  \(RateText.text(account.used))/s", .strong)
        line.add(" of \(inForce)", account.isCut || account.rateInForce == nil ? .warning : .plain)
        if account.isCut { line.add(" (cut from \(RateText.text(account.quota ?? 0)))", .warning) }
        line.add("  led by ", .faint)
        line.add(account.leader ?? "nobody", account.leader == nil ? .bad : .plain)
        line.add("  \(account.granted) credits out", .faint)
        if let daily = account.dailyQuota, daily >= 0 {
            let isTight = account.dailyUsed * 10 >= daily * 9
            line.add(
                "  24h \(CountText.text(account.dailyUsed)) of \(CountText.text(daily))",
                isTight ? .warning : .faint
            )
        } else if account.dailyUsed > 0 {
            line.add("  24h \(CountText.text(account.dailyUsed))", .faint)
        }
        return line
    }

    /// What somebody should know of an account, in a line each.
    private func troubles(_ account: TopPicture.Account, now: Date) -> [StyledLine] {
        var lines: [StyledLine] = []
        if account.isPaused { lines.append(StyledLine("  PAUSED by its operator", .warning)) }
        if let parked = account.parked {
            let detail = account.parkedDetail.map { ": \($0)" } ?? ""
            lines.append(StyledLine("  PARKED, \(parked)\(detail)", .bad))
        }
        if account.isSendingDisabled { lines.append(StyledLine("  SES has DISABLED sending", .bad)) }
        if account.isSandbox { lines.append(StyledLine("  in SES's SANDBOX", .warning)) }
        return lines + [feedback(account.feedback, now: now)].compactMap(\.self)
    }

    private func feedback(_ feedback: TopPicture.Feedback, now: Date) -> StyledLine? {
        guard feedback.isConfigured else { return nil }
        var line = StyledLine("  feedback", .faint)
        if let lag = feedback.lag {
            let text = lag.isFinite ? "\(AgeText.text(seconds: lag)) behind" : "no event has come"
            line.add("  \(text)", lag > 900 ? .bad : lag > 120 ? .warning : .plain)
        }
        if feedback.looked > 0 {
            let isLosing = feedback.missing * 20 > feedback.looked
            line.add(
                "  \(CountText.text(feedback.missing)) of \(CountText.text(feedback.looked)) sends without a word",
                isLosing ? .bad : .faint
            )
        }
        return line.pieces.count > 1 ? line : nil
    }
}
