import Mail
public import Outbox

/// What a weekly report says in plain words, the same in mail, on the page and in a terminal.
public struct ReportWords: Sendable {
    /// Below it a percentage says more about chance than about the mail.
    static let fewest = 100

    public let report: WeeklyReport

    public init(_ report: WeeklyReport) {
        self.report = report
    }

    /// How the week was, in one word that a colour can go with.
    public enum Verdict: String, Sendable {
        case quiet, good, look, act
    }

    /// By the bounce and complaint rates at which SES begins to watch (2 %, 0.05 %) and to act (5 %, 0.1 %).
    public var verdict: Verdict {
        let counts = report.counts
        guard counts.sent >= Self.fewest else { return .quiet }
        let bounces = counts.bounceRate ?? 0
        let complaints = counts.complaintRate ?? 0
        if bounces >= 5 || complaints >= 0.1 { return .act }
        return bounces >= 2 || complaints >= 0.05 ? .look : .good
    }

    /// `16 to 22 November 2026`.
    public var period: String {
        let days = report.week.days
        let (first, last) = (Self.parts(days[0]), Self.parts(days[6]))
        var text = "\(first.day)"
        if first.month != last.month { text += " \(Self.months[first.month - 1])" }
        if first.year != last.year { text += " \(first.year)" }
        return "\(text) to \(last.day) \(Self.months[last.month - 1]) \(last.year)"
    }

    /// `Mon 16`.
    public func day(_ index: Int) -> String {
        "\(Self.weekdays[index]) \(Self.parts(report.week.days[index]).day)"
    }

    /// What there is to know, most important first.
    public var sentences: [String] {
        let counts = report.counts
        guard counts.sent > 0 || counts.accepted > 0 else { return ["No mail was sent in this week."] + unfinished }
        return [delivered] + [trend].compactMap(\.self) + [standing].compactMap(\.self) + unfinished
    }

    private var delivered: String {
        let counts = report.counts
        guard counts.sent > 0 else {
            return "\(Words.count(counts.accepted, "mail", "mails")) came in, and none went out in this week."
        }
        var text = "\(Words.count(counts.sent, "mail", "mails")) went out"
        // What was delivered may have gone out the week before.
        if counts.delivered <= counts.sent, let rate = counts.deliveryRate {
            text += ", and \(Words.number(counts.delivered)) arrived (\(Figure.percent(rate)))"
        } else {
            text += ", and \(Words.number(counts.delivered)) arrived, some of them from the week before"
        }
        return text + "."
    }

    private var trend: String? {
        guard let change = report.change(\.sent) else {
            return report.usual(\.sent) == nil
                ? "There is no earlier week with mail to compare with." : "The week before had none."
        }
        var text = "That is \(Self.difference(change)) the week before"
        if report.earlier.filter({ !$0.isEmpty }).count > 1, let usual = report.usual(\.sent), usual >= 1 {
            let off = (Double(report.counts.sent) - usual) * 100 / usual
            text += ", and \(Self.difference(off)) usual (\(Words.number(Int(usual.rounded()))) a week)"
        }
        return text + "."
    }

    private static func difference(_ percent: Double) -> String {
        let whole = Int(min(percent.magnitude, 1_000_000).rounded())
        if whole < 3 { return "about as many as" }
        if percent >= 200 { return "\(Figure.fixed(min(percent, 1_000_000) / 100 + 1, 1)) times as many as" }
        return "\(whole) % \(percent > 0 ? "more" : "fewer") than"
    }

    private var standing: String? {
        let counts = report.counts
        guard let bounces = counts.bounceRate, let complaints = counts.complaintRate else { return nil }
        let rates = "\(Figure.percent(bounces)) bounced and \(Figure.percent(complaints)) were complained of"
        switch verdict {
        case .quiet:
            return counts.bounced + counts.complained == 0 ? "None bounced, and nobody complained." : "\(rates)."
        case .good: return "Receivers are content: \(rates)."
        case .look: return "Look at this soon: \(rates). Amazon SES wants less than 2 % and 0.05 %."
        case .act:
            return
                "Act on this now: \(rates). Amazon SES reviews accounts from 5 % and 0.1 % on, and may stop their mail."
        }
    }

    private var unfinished: [String] {
        report.isComplete ? [] : ["The week is not over, or not all of it is counted yet."]
    }

    /// One line of the table of figures.
    public struct Line: Sendable {
        public let name: String
        public let count: Int
        /// Percent of what was sent; nil where that says nothing.
        public let rate: Double?
        public let before: Int?
        public let usual: Double?
    }

    public var lines: [Line] {
        func line(_ name: String, _ figure: KeyPath<WeeklyReport.Counts, Int>, rate: Double? = nil) -> Line {
            Line(
                name: name,
                count: report.counts[keyPath: figure],
                rate: rate,
                before: report.earlier.first?[keyPath: figure],
                usual: report.usual(figure)
            )
        }
        return [
            line("Accepted", \.accepted), line("Sent", \.sent),
            line("Delivered", \.delivered), line("Bounced", \.bounced, rate: report.counts.bounceRate),
            line("Complaints", \.complained, rate: report.counts.complaintRate),
        ]
    }

    private static func parts(_ day: String) -> (year: Int, month: Int, day: Int) {
        let parts = day.split(separator: "-").map { Int($0) ?? 1 }
        return parts.count == 3 ? (parts[0], min(max(parts[1], 1), 12), parts[2]) : (1970, 1, 1)
    }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}
