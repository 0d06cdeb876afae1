import Foundation
import Testing

@testable import Reputation

/// The sliding counts, against a list of all that was counted.
struct MailTallyTests {
    private static let start: Int64 = 1_800_000_000

    @Test func countsWhatTheWindowsHold() {
        var tally = MailTally()
        tally.add(MailCounts(sent: 100, bounced: 3), at: Self.start)
        tally.add(MailCounts(sent: 50, complained: 1), at: Self.start + 3000)
        let soon = Self.start + 3500
        #expect(tally.counts(.hour, now: soon) == MailCounts(sent: 150, bounced: 3, complained: 1))
        #expect(tally.counts(.hour, now: Self.start + 5000) == MailCounts(sent: 50, complained: 1))
        #expect(tally.counts(.hour, now: Self.start + 9000) == MailCounts())
        #expect(tally.counts(.day, now: Self.start + 80_000) == MailCounts(sent: 150, bounced: 3, complained: 1))
        #expect(tally.counts(.day, now: Self.start + 100_000) == MailCounts())
        #expect(tally.counts(.volume, now: Self.start + 10_000_000).sent == 150)
    }

    @Test(arguments: 0..<20)
    func agreesWithAList(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var tally = MailTally()
        var list: [(time: Int64, counts: MailCounts)] = []
        var time = Self.start
        for _ in 0..<2000 {
            time += Int64(random.next() % 400)
            let counts = MailCounts(
                sent: Int(random.next() % 200),
                bounced: Int(random.next() % 5),
                complained: Int(random.next() % 2)
            )
            // A little out of order, as statements of several nodes commit.
            let at = time - Int64(random.next() % 20)
            tally.add(counts, at: at)
            list.append((at, counts))
            for (window, width, slot) in [(CountWindow.hour, 3600, 300), (.day, 86_400, 3600)]
                as [(CountWindow, Int64, Int64)]
            {
                let counted = tally.counts(window, now: time)
                let least = list.reduce(0) { $1.time >= time - width ? $0 + $1.counts.sent : $0 }
                let most = list.reduce(0) { $1.time >= time - width - slot ? $0 + $1.counts.sent : $0 }
                #expect(counted.sent >= least && counted.sent <= most)
            }
            let volume = tally.counts(.volume, now: time)
            let all = list.reduce(0) { $0 + $1.counts.sent }
            #expect(volume.sent >= min(all, MailTally.volume) && volume.sent <= MailTally.volume + 1200)
        }
        #expect(tally.hour.count <= 13 && tally.day.count <= 25 && tally.blocks.count <= 12)
    }

    @Test("A clock that was ahead for a while neither blinds the windows nor fills them for good")
    func clockSetBack() {
        var tally = MailTally(from: Self.start + 30 * 86_400)
        tally.add(MailCounts(sent: 100, bounced: 2), at: Self.start)
        tally.add(MailCounts(sent: 50, bounced: 1), at: Self.start + 30 * 86_400)
        tally.redate(now: Self.start + 60)
        #expect(tally.begin == Self.start + 60)
        tally.add(MailCounts(sent: 10), at: Self.start + 60)
        // What the leap has pushed out of the windows is gone, and nothing else.
        #expect(tally.counts(.hour, now: Self.start + 60) == MailCounts(sent: 60, bounced: 1))
        #expect(tally.counts(.day, now: Self.start + 60) == MailCounts(sent: 60, bounced: 1))
        #expect(tally.counts(.day, now: Self.start + 2 * 86_400) == MailCounts())
        #expect(tally.counts(.volume, now: Self.start + 60) == MailCounts(sent: 160, bounced: 3))
    }

    @Test func oneHugeNoteIsHeldWhole() {
        var tally = MailTally()
        for _ in 0..<3 { tally.add(MailCounts(sent: 50_000, bounced: 10), at: Self.start) }
        #expect(tally.counts(.volume, now: Self.start) == MailCounts(sent: 50_000, bounced: 10))
    }

    @Test func isStoredAndReadBack() throws {
        #expect(try JSONDecoder().decode(MailTally.self, from: JSONEncoder().encode(MailTally())) == MailTally())
        var tally = MailTally(from: Self.start)
        for step in 0..<40 {
            tally.add(MailCounts(sent: 700, bounced: step, complained: 1), at: Self.start + Int64(step) * 700)
        }
        let stored = try JSONEncoder().encode(tally)
        #expect(stored.count < 3000)
        #expect(try JSONDecoder().decode(MailTally.self, from: stored) == tally)
    }
}

/// A seeded generator, so that runs replay.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
