import Testing

@testable import Outbox

/// What limits leave, without a database.
struct TenantRoomTests {
    private static let now = 1_700_000_100.0

    private static func slot(_ ago: Int) -> Int { Int(now) / 900 - ago }

    private func day(_ past: [(Int, Int)], recent: Int = 0) -> DayUse {
        DayUse(past: past.map { (slot: Self.slot($0.0), recipients: $0.1) }, recent: recent, now: Self.now)
    }

    @Test func theQueueIsFull() {
        var room = TenantRoom(AcceptLimits(queued: 10), waiting: 7, day: day([]))
        #expect(room.refusal(of: 3) == nil)
        #expect(room.refusal(of: 4) == LimitRefusal(limit: .queued, most: 10, retryAfter: 5))
        room.take(3)
        #expect(room.refusal(of: 1) != nil)
        #expect(room.refusal(of: 0) == nil, "who is suppressed takes no room")
    }

    @Test func aDayIsRolling() {
        var room = TenantRoom(AcceptLimits(daily: 100), waiting: 0, day: day([(96, 30), (50, 40), (0, 20)], recent: 5))
        #expect(room.refusal(of: 5) == nil)
        room.take(5)
        // The oldest quarter of an hour began 24 hours and so much before the present one; it counts until a day after its end.
        let refusal = room.refusal(of: 30)
        #expect(refusal?.limit == .daily && refusal?.most == 100)
        let elapsed = Int(Self.now) % 900
        #expect(refusal?.retryAfter == 900 - elapsed)
        #expect(room.refusal(of: 31)?.retryAfter == 47 * 900 - elapsed)
        #expect(room.refusal(of: 101)?.retryAfter == 86_400, "it never fits")
    }

    @Test func whatWasJustAcceptedLeavesInADay() {
        let room = TenantRoom(AcceptLimits(daily: 5), waiting: 0, day: day([], recent: 5))
        #expect(room.refusal(of: 1)?.retryAfter == 86_400)
    }
}
