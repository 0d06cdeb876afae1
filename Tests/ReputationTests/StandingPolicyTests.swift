import Directory
import Testing

@testable import Reputation

/// What follows from counts: pure, with a clock of the test's own.
struct StandingPolicyTests {
    private static let start: Int64 = 1_800_000_000
    private static let policy = StandingPolicy(ReputationThresholds())

    private static func tally(_ sent: Int, _ bounced: Int, _ complained: Int = 0) -> MailTally {
        var tally = MailTally()
        tally.add(MailCounts(sent: sent, bounced: bounced, complained: complained), at: start)
        return tally
    }

    private static func state(
        _ tally: MailTally,
        from state: StandingState = .ok,
        since: Int64 = start,
        isInDanger: Bool = false,
        now: Int64 = start
    ) -> StandingState {
        policy.judge(tally, state: state, since: since, isInDanger: isInDanger, now: now).state
    }

    @Test func aFewMailsMeanNothing() {
        #expect(Self.state(Self.tally(5, 3)) == .ok)
        #expect(Self.state(Self.tally(199, 199)) == .ok)
        // A single complaint of two hundred mails is half a percent, and says nothing.
        #expect(Self.state(Self.tally(200, 4, 2)) == .ok)
    }

    @Test func whatAlertsReadIsNoChance() {
        func telling(_ sent: Int, _ bounced: Int, _ complained: Int) -> [Double] {
            let rates = Self.policy.telling(MailCounts(sent: sent, bounced: bounced, complained: complained))
            return [rates.bounces, rates.complaints]
        }
        #expect(telling(0, 0, 0) == [0, 0])
        #expect(telling(20, 1, 1) == [0, 0])
        #expect(telling(199, 60, 60) == [0, 0])
        #expect(telling(1000, 4, 2) == [0, 0])
        #expect(telling(1000, 50, 2) == [0.05, 0])
        #expect(telling(1000, 4, 3) == [0, 0.003])
    }

    @Test(arguments: [
        (1000, 19, 0, StandingState.ok), (1000, 20, 0, .warned), (1000, 40, 0, .slowed), (1000, 80, 0, .paused),
        (10_000, 0, 4, .ok), (10_000, 0, 5, .warned), (10_000, 0, 8, .slowed), (10_000, 0, 30, .paused),
        (1000, 25, 8, .paused),
    ])
    func worseAtOnce(sent: Int, bounced: Int, complained: Int, state: StandingState) {
        #expect(Self.state(Self.tally(sent, bounced, complained)) == state)
    }

    @Test func saysWhy() {
        let judgement = Self.policy.judge(
            Self.tally(1000, 45),
            state: .ok,
            since: Self.start,
            isInDanger: false,
            now: Self.start
        )
        #expect(judgement.reason == "4.5 % of 1000 mails of the last hour bounced; 4 % is the limit")
    }

    @Test func anAccountInDangerMakesItHarderForThoseWhoHaveAPartInIt() {
        #expect(Self.state(Self.tally(1000, 25), isInDanger: true) == .slowed)
        #expect(Self.state(Self.tally(1000, 45), isInDanger: true) == .paused)
        #expect(Self.state(Self.tally(1000, 10), isInDanger: true) == .ok)
    }

    @Test func anAccountIsNeverPausedByUs() {
        let judgement = Self.policy.judgeAccount(Self.tally(1000, 300), state: .ok, since: Self.start, now: Self.start)
        #expect(judgement.state == .slowed)
    }

    @Test func aPauseDoesNotEndByItself() {
        let later = Self.start + 90 * 86_400
        #expect(Self.state(MailTally(), from: .paused, now: later) == .paused)
    }

    @Test func betterOnlyAfterAWhileAndClearly() {
        let patience = StandingPolicy.patience
        // 3.5 % is below 4 %, but not clearly.
        #expect(Self.state(Self.tally(1000, 35), from: .slowed, since: Self.start - patience) == .slowed)
        #expect(Self.state(Self.tally(1000, 29), from: .slowed, since: Self.start - patience + 1) == .slowed)
        #expect(Self.state(Self.tally(1000, 29), from: .slowed, since: Self.start - patience) == .warned)
        #expect(Self.state(Self.tally(1000, 5), from: .slowed, since: Self.start - patience) == .ok)
    }

    @Test func whoSendsNothingGetsBetterAfterADay() {
        #expect(Self.state(MailTally(), from: .slowed, since: Self.start - 3600) == .slowed)
        #expect(Self.state(MailTally(), from: .slowed, since: Self.start - StandingPolicy.silence) == .ok)
    }

    @Test(
        "Beside good tenants a bad one is stopped before the account comes near to SES's limits",
        arguments: 0..<10 as Range<UInt64>,
        [false, true]
    )
    func protectsTheAccount(seed: UInt64, isComplaint: Bool) {
        var random = SplitMix(seed: seed)
        var tallies = Array(repeating: MailTally(), count: 5)
        var account = MailTally()
        var states = Array(repeating: (state: StandingState.ok, since: Self.start), count: 5)
        var accountState: (state: StandingState, since: Int64) = (.ok, Self.start)
        var time = Self.start
        // Half a year of mail before, so that the account stands well.
        account.add(MailCounts(sent: 10_000, bounced: 50), at: time - 7200)
        for _ in 0..<4000 {
            time += 2
            for tenant in tallies.indices {
                // Tenant 0 has bought a list.
                let rate = states[tenant].state == .paused ? 0 : states[tenant].state == .slowed ? 2 : 40
                let (bounces, complaints): (UInt64, UInt64) = tenant > 0 ? (5, 0) : isComplaint ? (5, 10) : (250, 0)
                var counts = MailCounts(sent: rate)
                for _ in 0..<rate {
                    if random.next() % 1000 < bounces { counts.bounced += 1 }
                    if random.next() % 1000 < complaints { counts.complained += 1 }
                }
                guard rate > 0 else { continue }
                tallies[tenant].add(counts, at: time)
                account.add(counts, at: time)
            }
            accountState = Self.next(accountState, time) {
                Self.policy.judgeAccount(account, state: $0, since: $1, now: time)
            }
            for tenant in tallies.indices {
                states[tenant] = Self.next(states[tenant], time) {
                    Self.policy.judge(
                        tallies[tenant],
                        state: $0,
                        since: $1,
                        isInDanger: accountState.state >= .slowed,
                        now: time
                    )
                }
            }
            let counts = account.counts(.volume, now: time)
            #expect(counts.bounceRate < 5 && counts.complaintRate < 0.1)
        }
        #expect(states[0].state == .paused)
        #expect(states[1...].allSatisfy { $0.state == .ok })
    }

    private static func next(
        _ present: (state: StandingState, since: Int64),
        _ now: Int64,
        _ judge: (StandingState, Int64) -> StandingPolicy.Judgement
    ) -> (state: StandingState, since: Int64) {
        let judged = judge(present.state, present.since).state
        return judged == present.state ? present : (judged, now)
    }
}
