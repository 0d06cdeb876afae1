import Foundation
import Outbox
import Testing

@testable import Feedback

@Suite("SES's timestamps")
struct SESTimestampTests {
    @Test(
        "Are RFC 3339 and nothing else",
        arguments: [
            ("2026-01-02T03:04:05.678Z", 1_767_323_045_678), ("2026-01-02T03:04:05Z", 1_767_323_045_000),
            ("2026-01-02T03:04:05.6789999Z", 1_767_323_045_678), ("2026-01-02T03:04:05.6Z", 1_767_323_045_600),
            ("2026-01-02T04:34:05+01:30", 1_767_323_045_000), ("2026-01-01T22:04:05-05:00", 1_767_323_045_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("1969-12-31T23:59:59Z", -1000),
            ("2023-02-29T00:00:00Z", nil), ("2026-13-01T00:00:00Z", nil), ("2026-01-02 03:04:05Z", nil),
            ("2026-01-02T24:04:05Z", nil), ("2026-01-02T03:04:05", nil), ("2026-01-02T03:04:05.Z", nil),
            ("2026-01-02T03:04:05Z ", nil), ("", nil), ("1767323045", nil), ("-026-01-02T03:04:05Z", nil),
            ("2026-01-02T03:04:05+25:00", nil), ("٢٠٢٦-01-02T03:04:05Z", nil),
        ] as [(String, Int64?)]
    )
    func parsing(text: String, expected: Int64?) {
        #expect(SESTimestamp.milliseconds(text) == expected)
    }

    @Test("The calendar is Foundation's")
    func calendar() throws {
        let format = Date.ISO8601FormatStyle()
        for day in stride(from: 0, to: 40_000, by: 13) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400 + 12_345)
            #expect(SESTimestamp.milliseconds(date.formatted(format)) == Int64(date.timeIntervalSince1970 * 1000))
        }
    }

    @Test(
        "What cannot be is put right, and what SES wrote is kept",
        arguments: [
            ("2026-01-02T03:04:07.000Z", 1_767_323_047, nil),
            // As far as clocks differ.
            ("2026-01-02T03:09:09.000Z", 1_767_323_349, nil), ("2026-01-01T03:04:01.000Z", 1_767_236_641, nil),
            ("2026-01-02T03:09:11.000Z", 1_767_323_050, "2026-01-02T03:09:11.000Z"),
            ("2062-01-02T03:04:07.000Z", 1_767_323_050, "2062-01-02T03:04:07.000Z"),
            ("2026-01-01T03:03:59.000Z", 1_767_323_040, "2026-01-01T03:03:59.000Z"),
            ("1969-01-02T03:04:07.000Z", 1_767_323_040, "1969-01-02T03:04:07.000Z"),
            ("yesterday", 1_767_323_040, "yesterday"),
        ] as [(String, Double, String?)]
    )
    func plausibility(text: String, at: Double, kept: String?) throws {
        let event = try #require(SESSample.events(SESSample.bounce(timestamp: text)).first)
        #expect(event.evidence.at == Date(timeIntervalSince1970: at))
        #expect(try SESSample.data(event)["ses_timestamp"] as? String == kept)
        #expect(event.mailedAt == Date(timeIntervalSince1970: 1_767_323_040))
    }

    @Test("Mail without a time, or from the future, is as old as its event")
    func mailed() throws {
        for strange in ["2062-01-02T03:04:00.000Z", "1999-01-02T03:04:00.000Z", "soon"] {
            let mail = SESSample.mail().replacing("2026-01-02T03:04:00.000Z", with: strange)
            let event = try #require(SESSample.events(SESSample.event("Send", "", mail: mail)).first)
            #expect(event.mailedAt == SESSample.received)
            #expect(event.evidence.at == SESSample.received)
        }
    }
}
