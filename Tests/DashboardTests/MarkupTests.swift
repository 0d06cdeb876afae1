import Dashboard
import Foundation
import Testing

struct MarkupTests {
    @Test(
        arguments: [
            (0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"), (100_000, "100,000"),
        ]
    )
    func numbersAreGrouped(value: Int, expected: String) {
        #expect(Words.number(value) == expected)
    }

    @Test func decimalsKeepOnePlaceWhileTheyAreSmall() {
        #expect(
            [0, 0.04, 9.96, 50, 47.2, -1.5, 123.4].map { Words.decimal($0) } == [
                "0", "0", "10", "50", "47.2", "-1.5", "123",
            ]
        )
        #expect(Words.decimal(.infinity) == "?")
    }

    @Test func durationsAreShort() {
        #expect(
            [-3, 0.4, 59, 60, 3599, 3600, 7500, 86_400 * 2].map { Words.duration($0) } == [
                "0 s", "0 s", "59 s", "1 min", "59 min", "1 h", "2 h 5 min", "2 d",
            ]
        )
    }

    @Test func percentagesAreExactToTwoPlaces() {
        #expect([0, 5, 0.1, 2.345].map { Words.percent($0) } == ["0 %", "5 %", "0.10 %", "2.35 %"])
    }

    @Test func whatATenantWroteCannotBecomeMarkup() {
        let attack = "<script>alert(1)</script>\" onload='x'"
        let table = Table("Names", [.text("Name"), .number("Count")], rows: [["\(attack)", "\(1)"]]).html.text
        #expect(!table.contains("<script") && !table.contains("\" onload"))
        #expect(table.contains("&lt;script&gt;") && table.contains("&quot; onload=&#39;x&#39;"))
    }

    @Test func pathsOfNamesStayPaths() {
        #expect(Words.segment("a/b <x>") == "a%2Fb%20%3Cx%3E")
        #expect(Words.path("UK/ap a") == "UK/ap%20a")
    }

    @Test func agesAreTheServers() {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        #expect(Words.age(now.addingTimeInterval(-75), now: now).text.contains(">1 min ago<"))
        #expect(Words.age(nil, now: now).text.contains("never"))
        #expect(Words.time(now).text.contains("2026-09-21 14:13:20"))
    }
}
