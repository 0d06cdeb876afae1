import Testing

@testable import Simulator

struct FaultScheduleTests {
    private static let second: Int64 = 1_000_000_000

    private static func struck(
        _ rule: FaultRule,
        at instants: [Int64],
        operation: SendRequest.Operation = .send,
        recipient: String = "a@example.com"
    ) -> [Bool] {
        var schedule = FaultSchedule(FaultRules([rule]), installedAt: 0)
        var generator = SplitMix64(seed: 5)
        var submission = Submission()
        submission.recipients = [recipient]
        let request = SendRequest(operation: operation, submissions: [submission])
        return instants.map { schedule.late(request, at: $0, using: &generator).fault != nil }
    }

    private static func rule(_ change: (inout FaultRule) -> Void) -> FaultRule {
        var rule = FaultRule(.throttle)
        change(&rule)
        return rule
    }

    private static let still = [Int64](repeating: 0, count: 6)

    @Test func firstAndAfterCountRequests() {
        #expect(Self.struck(Self.rule { $0.first = 2 }, at: Self.still) == [true, true, false, false, false, false])
        let later = Self.rule {
            $0.after = .requests(3)
            $0.first = 2
        }
        #expect(Self.struck(later, at: Self.still) == [false, false, false, true, true, false])
    }

    @Test func afterAndForCountTime() {
        let rule = Self.rule {
            $0.after = .time(.seconds(2))
            $0.lasting = .seconds(2)
        }
        let instants = [0, 1, 2, 3, 4, 5].map { $0 * Self.second }
        #expect(Self.struck(rule, at: instants) == [false, false, true, true, false, false])
        let fromSecond = Self.rule {
            $0.after = .requests(1)
            $0.lasting = .seconds(2)
        }
        #expect(Self.struck(fromSecond, at: instants) == [false, true, true, false, false, false])
    }

    @Test func probabilityIsSeededAndCountBounds() {
        let often = Self.struck(Self.rule { $0.probability = 0.3 }, at: [Int64](repeating: 0, count: 10_000))
        #expect((2700...3300).contains(often.filter { $0 }.count))
        #expect(often == Self.struck(Self.rule { $0.probability = 0.3 }, at: [Int64](repeating: 0, count: 10_000)))
        let bounded = Self.rule {
            $0.probability = 0.3
            $0.count = 4
        }
        #expect(Self.struck(bounded, at: [Int64](repeating: 0, count: 10_000)).filter { $0 }.count == 4)
        #expect(!Self.struck(Self.rule { $0.probability = 0 }, at: Self.still).contains(true))
    }

    @Test func selectsByRecipientAndOperation() {
        let rule = Self.rule { $0.recipient = "@slow." }
        #expect(Self.struck(rule, at: [0], recipient: "b@slow.example") == [true])
        #expect(Self.struck(rule, at: [0], recipient: "b@fast.example") == [false])
        #expect(Self.struck(Self.rule { _ in }, at: [0], operation: .account) == [false])
        #expect(Self.struck(Self.rule { $0.operations = ["account"] }, at: [0], operation: .account) == [true])
        #expect(Self.struck(Self.rule { $0.operations = ["account"] }, at: [0]) == [false])
    }

    @Test func slowGoesTogetherWithTheNextFault() {
        let rules = FaultRules([
            FaultRule(.slow(delay: .seconds(1))), FaultRule(.slow(delay: .seconds(2))), FaultRule(.paused),
            FaultRule(.throttle),
        ])
        var schedule = FaultSchedule(rules, installedAt: 0)
        var generator = SplitMix64(seed: 1)
        let (fault, delay) = schedule.late(SendRequest(operation: .send), at: 0, using: &generator)
        #expect(fault == .paused)
        #expect(delay == 3 * Self.second)
    }

    @Test func earlyRulesStrikeOnlyBeforeTheBody() {
        var schedule = FaultSchedule(FaultRules([FaultRule(.resetBeforeBody)]), installedAt: 0)
        var generator = SplitMix64(seed: 1)
        #expect(schedule.hasEarlyRules)
        let late = schedule.late(SendRequest(operation: .send), at: 0, using: &generator).fault
        let early = schedule.early(.send, at: 0, using: &generator)
        let account = schedule.early(.account, at: 0, using: &generator)
        #expect(late == nil)
        #expect(early == .resetBeforeBody)
        #expect(account == nil)
    }
}
