import Foundation
import Mail
import Outbox
import Testing

@testable import Dashboard

@Suite("What weekly reports say")
struct ReportWordsTests {
    private func report(
        _ days: [WeeklyReport.Counts],
        earlier: [Int] = [],
        troubles: [WeeklyReport.Trouble] = [],
        isComplete: Bool = true
    ) throws -> WeeklyReport {
        let week = try #require(ReportWeek("2026-W47"))
        return WeeklyReport(
            week: week,
            days: days + Array(repeating: .init(), count: 7 - days.count),
            earlier: earlier.map { WeeklyReport.Counts(accepted: $0, sent: $0, delivered: $0) },
            troubles: troubles,
            countedUntil: isComplete ? week.end : week.start
        )
    }

    private func day(_ sent: Int, bounced: Int = 0, complained: Int = 0) -> WeeklyReport.Counts {
        .init(accepted: sent, sent: sent, delivered: sent - bounced, bounced: bounced, complained: complained)
    }

    @Test("A good week is said to be one, with what it is compared with")
    func good() throws {
        let words = ReportWords(try report([day(6000), day(6000, bounced: 12)], earlier: [10_000, 12_000, 0, 8000]))
        #expect(words.verdict == .good)
        #expect(
            words.sentences == [
                "12,000 mails went out, and 11,988 arrived (99.9 %).",
                "That is 20 % more than the week before, and 20 % more than usual (10,000 a week).",
                "Receivers are content: 0.10 % bounced and 0 % were complained of.",
            ]
        )
        #expect(words.period == "16 to 22 November 2026" && words.day(6) == "Sun 22")
    }

    @Test(
        "From the rates on at which SES watches and acts, people are told so",
        arguments: [
            (19, 0, ReportWords.Verdict.good), (20, 0, .look), (49, 0, .look), (50, 0, .act), (0, 1, .act),
        ]
    )
    func verdicts(bounced: Int, complained: Int, verdict: ReportWords.Verdict) throws {
        let words = ReportWords(try report([day(1000, bounced: bounced, complained: complained)]))
        #expect(words.verdict == verdict)
    }

    @Test("Too little mail to judge by, none at all, and a week that is not over")
    func little() throws {
        #expect(ReportWords(try report([day(99, bounced: 50)])).verdict == .quiet)
        let none = ReportWords(try report([], isComplete: false))
        #expect(
            none.sentences == [
                "No mail was sent in this week.", "The week is not over, or not all of it is counted yet.",
            ]
        )
        let first = ReportWords(try report([day(5)])).sentences
        #expect(first[1] == "There is no earlier week with mail to compare with.")
        #expect(first[2] == "None bounced, and nobody complained.")
        // What went out on Sunday night arrives on Monday.
        let late = WeeklyReport.Counts(accepted: 1, sent: 1, delivered: 3)
        #expect(ReportWords(try report([late])).sentences[0].hasSuffix("some of them from the week before."))
    }

    @Test(
        "Differences are words that nobody has to compute",
        arguments: [
            (1000, 1010, "about as many as"), (1000, 500, "50 % fewer than"), (100, 450, "4.5 times as many as"),
        ]
    )
    func differences(before: Int, now: Int, words: String) throws {
        #expect(ReportWords(try report([day(now)], earlier: [before])).sentences[1].contains("That is \(words)"))
    }

    @Test(
        "Figures neither lose something to rounding nor make all of it up",
        arguments: [
            (0.0, "0 %"), (0.004, "under 0.01 %"), (0.05, "0.05 %"), (2.0, "2.0 %"), (98.24, "98.2 %"),
            (99.96, "over 99.9 %"), (100.0, "100 %"),
        ]
    )
    func percents(value: Double, text: String) {
        #expect(Figure.percent(value) == text)
    }

    @Test("Mail is escaped, has no script, and shows each day as a bar in a table")
    func mail() throws {
        let trouble = WeeklyReport.Trouble(
            status: .bounced,
            count: 3,
            isPart: true,
            reasons: [.init(name: "Permanent/General/5.1.1", count: 2), .init(name: "<b>/x", count: 1)],
            domains: [.init(name: "\"><script>.example", count: 3)]
        )
        let mail = ReportMail(
            try report([day(100, bounced: 3), day(50)], earlier: [100], troubles: [trouble]),
            tenant: "<script>alert(1)</script>",
            link: "https://send.example.com/dashboard/reports/2026-W47"
        )
        #expect(mail.subject == "Your mail, 16 to 22 November 2026: 150 sent, 98.0 % arrived")
        #expect(!mail.html.contains("<script") && !mail.html.contains("<b>/x"))
        #expect(mail.html.contains("&lt;script&gt;alert(1)"))
        #expect(mail.html.contains("there is no such address (5.1.1)") && mail.html.contains("at least 3"))
        #expect(mail.html.contains("width=\"100%\" bgcolor=\"#0a58ca\"") && mail.html.contains("width=\"50%\" bgcolor"))
        #expect(mail.html.contains("href=\"https://send.example.com/dashboard/reports/2026-W47\""))
        #expect(mail.text.contains("Mon 16") && mail.text.contains("##############################"))
        #expect(mail.text.split(separator: "\n").allSatisfy { !$0.hasSuffix(" ") })
    }

    @Test("Every status that a report may show has a title of its own")
    func titles() {
        let shown: [MessageStatus] = [
            .complained, .bounced, .rejected, .failed, .unknown, .suppressed, .expired, .canceled, .delayed,
        ]
        #expect(Set(shown.map(TroubleWords.title)).count == shown.count)
        #expect(TroubleWords.reason("abuse", status: .complained) == "marked as spam")
        #expect(TroubleWords.reason("", status: .bounced) == "no reason is known")
    }
}
