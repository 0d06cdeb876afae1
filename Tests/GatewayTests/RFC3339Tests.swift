import Foundation
import Testing

@testable import Gateway

@Suite struct RFC3339Tests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0),
        ("2026-02-03T04:05:06.789Z", 1_770_091_506.789),
        ("2026-02-03t04:05:06.5z", 1_770_091_506.5),
        ("2026-02-03 04:05:06+00:00", 1_770_091_506),
        ("2026-02-03T05:05:06+01:00", 1_770_091_506),
        ("2026-02-02T23:35:06-04:30", 1_770_091_506),
        ("2024-02-29T00:00:00Z", 1_709_164_800),
        ("2016-12-31T23:59:60Z", 1_483_228_800),
        ("1969-12-31T23:59:59.250Z", -0.75),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
    ])
    func reads(_ text: String, _ seconds: Double) throws {
        let date = try #require(RFC3339.date(text))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.000_01)
    }

    @Test(arguments: [
        "", "now", "2026-02-03", "2026-02-03T04:05:06", "2026-02-03T04:05Z", "2026-2-3T04:05:06Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-02-03T24:00:00Z", "2026-02-03T04:60:00Z", "2026-02-03T04:05:61Z", "2026-02-03T04:05:06.Z",
        "2026-02-03T04:05:06+0100", "2026-02-03T04:05:06+24:00", "2026-02-03T04:05:06Z ", "+2026-02-03T04:05:06Z",
        "２026-02-03T04:05:06Z",
        // Times that cannot be written again.
        "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:60Z",
        "0000-01-01T00:00:00+00:01",
    ])
    func refuses(_ text: String) {
        #expect(RFC3339.date(text) == nil)
    }

    /// Foundation is the referee, over four centuries and some.
    @Test func agreesWithFoundation() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let milliseconds = Int64.random(in: -5_000_000_000_000...10_000_000_000_000, using: &generator)
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000 + 0.000_1)
            let text = RFC3339.text(date)
            let known = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            let seconds = Date(timeIntervalSince1970: known.timeIntervalSince1970.rounded(.down))
            #expect(text.prefix(19) == seconds.formatted(.iso8601).prefix(19))
            #expect(RFC3339.date(text).map { abs($0.timeIntervalSince(known)) < 0.000_9 } == true)
        }
    }

    /// The feed's times are written by PostgreSQL, from whole microseconds.
    @Test func aWholeMillisecondStaysOne() {
        for milliseconds in 0..<1000 {
            let microseconds = 1_795_000_000_000_000 + milliseconds * 1000
            let date = Date(timeIntervalSinceReferenceDate: Double(microseconds) / 1_000_000 - 978_307_200)
            let digits = String(1000 + milliseconds).dropFirst()
            #expect(RFC3339.text(date).hasSuffix(".\(digits)Z"))
        }
    }
}
