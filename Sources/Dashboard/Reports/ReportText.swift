import Mail
public import Outbox

/// A weekly report as plain text: the text part of its mail, and what a terminal shows.
public enum ReportText {
    private static let barWidth = 30

    /// - Parameter link: where the report is as a page.
    public static func text(_ report: WeeklyReport, tenant: String, link: String? = nil) -> String {
        let words = ReportWords(report)
        var lines = ["Mail of \(tenant), \(words.period)", ""]
        lines += words.sentences
        lines += ["", row("", "this week", "before", "usually")]
        lines += words.lines.map { line in
            row(
                line.name,
                Words.number(line.count) + (line.rate.map { " (\(Figure.percent($0)))" } ?? ""),
                line.before.map { Words.number($0) } ?? "",
                line.usual.map { Words.number(Int($0.rounded())) } ?? ""
            )
        }
        if !report.counts.isEmpty { lines += ["", "Sent by day"] + days(words) }
        if !report.troubles.isEmpty { lines += ["", "What did not arrive, of the mail accepted in this week"] }
        for trouble in report.troubles { lines += section(trouble) }
        if let link { lines += ["", "With more figures: \(link)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func days(_ words: ReportWords) -> [String] {
        let most = max(1, words.report.days.map(\.sent).max() ?? 1)
        return words.report.days.enumerated().map { index, day in
            let width = day.sent == 0 ? 0 : max(1, day.sent * barWidth / most)
            let bar = String(repeating: "#", count: width)
            return "  " + padded(words.day(index), 8) + padded(bar, barWidth + 2) + Words.number(day.sent)
        }
    }

    private static func section(_ trouble: WeeklyReport.Trouble) -> [String] {
        var lines = ["", "\(trouble.shown)  \(TroubleWords.title(trouble.status))"]
        lines += trouble.reasons.prefix(5).map {
            "    \(Words.number($0.count))  \(TroubleWords.reason($0.name, status: trouble.status))"
        }
        let domains = trouble.domains.prefix(5).map { "\($0.name) \(Words.number($0.count))" }
        if !domains.isEmpty { lines.append("    at \(domains.joined(separator: ", "))") }
        if let advice = TroubleWords.advice(trouble.status) { lines.append("    \(advice)") }
        return lines
    }

    private static func row(_ name: String, _ now: String, _ before: String, _ usual: String) -> String {
        let row = padded(name, 12) + padded(now, 24) + padded(before, 14) + usual
        return String(row.reversed().drop { $0 == " " }.reversed())
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

extension WeeklyReport.Trouble {
    /// How many, where not all were looked at, at least.
    public var shown: String { (isPart ? "at least " : "") + Words.number(count) }
}
