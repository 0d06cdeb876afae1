import Foundation
import Mail
import Postgres
import Testing

@testable import Outbox

@Suite("Stretches of time as stretches of ids")
struct IDRangeTests {
    /// 2026-02-03T04:05:06Z.
    private static let now = Date(timeIntervalSince1970: 1_770_091_506)
    private static let day = 86_400.0

    private static func id(_ seconds: Double) -> PostgresUUID {
        PostgresUUID(high: UInt64((now.timeIntervalSince1970 + seconds) * 1000) << 16, low: 0)
    }

    private static func midnight(_ days: Double) -> PostgresUUID { id(days * day - 14_706) }

    @Test("Times become the first ids of their milliseconds, rounded up")
    func bounds() {
        let range = IDRange(from: Self.now, before: Self.now.addingTimeInterval(0.0021))
        #expect(range.low == Self.id(0))
        #expect(range.high == PostgresUUID(high: Self.id(0).high + (3 << 16), low: 0))
        #expect(IDRange(from: Date(timeIntervalSince1970: -1)).low == PostgresUUID(high: 0, low: 0))
        // The year 9999 does not overflow.
        let late = IDRange(from: Date(timeIntervalSince1970: 253_402_300_799))
        #expect(late.low.high >> 16 == 253_402_300_799_000)
        #expect(IDRange(before: Date(timeIntervalSince1970: 1e15)).high.high >> 16 == (1 << 48) - 1)
        // 1,700,000,000.001 has no exact double.
        let fine = IDRange(from: Date(timeIntervalSince1970: 1_700_000_000.001))
        #expect(fine.low.high >> 16 == 1_700_000_000_001)
    }

    @Test("Cursors narrow it, the row itself left out")
    func cursors() {
        let (a, b) = (PostgresUUID(high: 5, low: .max), PostgresUUID(high: 9, low: 7))
        let range = IDRange().beyond(after: b, before: a)
        #expect(range == IDRange(low: PostgresUUID(high: 6, low: 0), high: b))
        #expect(IDRange().beyond(after: a, before: b).isEmpty)
        #expect(IDRange().beyond(after: nil, before: nil) == IDRange())
        #expect(IDRange(covering: [b, a]) == IDRange(low: a, high: PostgresUUID(high: 9, low: 0x1_0000)))
        #expect(IDRange(covering: []).isEmpty)
    }

    @Test("Its parts are days, then weeks, then the rest, from either end, and cover it without a gap")
    func parts() {
        let whole = IDRange().parts(isAscending: false, now: Self.now)
        #expect(whole.map(\.low) == [Self.midnight(-1), Self.midnight(-9), Self.midnight(-41), IDRange().low])
        #expect(whole.first?.high == IDRange().high)

        let old = IDRange(low: Self.midnight(-20), high: Self.id(-15 * Self.day))
        #expect(
            old.parts(isAscending: false, now: Self.now).map(\.low)
                == [Self.midnight(-16), Self.midnight(-20)]
        )
        let up = IDRange(low: Self.id(-15 * Self.day), high: IDRange().high)
        #expect(
            up.parts(isAscending: true, now: Self.now).map(\.high)
                == [Self.midnight(-13), Self.midnight(-5), Self.midnight(27), IDRange().high]
        )
        for range in [IDRange(), old, up] {
            for isAscending in [false, true] {
                let parts = range.parts(isAscending: isAscending, now: Self.now)
                let ordered = isAscending ? parts : parts.reversed()
                #expect(ordered.first?.low == range.low && ordered.last?.high == range.high)
                #expect(zip(ordered, ordered.dropFirst()).allSatisfy { $0.high == $1.low })
                #expect(parts.allSatisfy { !$0.isEmpty })
            }
        }
    }

    @Test("No cursor leads astray, however far off it lies")
    func extremes() {
        let last = PostgresUUID(high: ((1 << 48) - 1) << 16 | 0x7FFF, low: 1 << 63 | 1)
        let up = IDRange().beyond(after: nil, before: last)
        #expect(up.parts(isAscending: true, now: Self.now) == [up])
        let first = PostgresUUID(high: 0x7000, low: 1 << 63)
        let down = IDRange().beyond(after: first, before: nil)
        #expect(down.parts(isAscending: false, now: Self.now) == [down])
        #expect(IDRange().beyond(after: first, before: last).parts(isAscending: true, now: Self.now).isEmpty)
    }
}
