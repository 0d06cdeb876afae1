import Testing

@testable import Capacity

@Suite("What a worker says of its demand")
struct DemandMeterTests {
    static let window = CreditRule(quota: 50).window

    /// A share with so many credits: rows come, are claimed at once while there are credits, and each is used for a window
    /// and 55 ms. Looked at each 50 ms.
    struct Bench {
        var meter = DemandMeter()
        var now = MonotonicTime(nanoseconds: 10 * .second)
        let credits: Int
        var waiting = 0
        var uses: [MonotonicTime] = []
        private(set) var words: [(at: MonotonicTime, wanted: Int)] = []

        init(credits: Int) { self.credits = credits }

        mutating func arrive(_ rows: Int) {
            meter.arrived(rows, now: now, window: window)
            waiting += rows
            claim()
        }

        private mutating func claim() {
            uses.removeAll { $0 + window + 55 * .millisecond <= now }
            let claimed = min(waiting, credits - uses.count)
            waiting -= claimed
            uses += Array(repeating: now, count: claimed)
            if claimed > 0 { meter.claimed(claimed, now: now, window: window) }
        }

        mutating func run(for span: Nanoseconds) {
            let end = now + span
            while now < end {
                now = now + 5 * .millisecond
                claim()
                guard now.nanoseconds % (50 * .millisecond) == 0 else { continue }
                let word = meter.news(
                    waiting: waiting,
                    isLong: waiting >= 100,
                    inUse: uses.count,
                    free: credits - uses.count,
                    most: 1000,
                    now: now,
                    window: window
                )
                if let word {
                    meter.say(word)
                    words.append((now, word))
                }
            }
        }

        var said: Int { meter.said }
    }

    @Test("A steady trickle says the same for a minute", arguments: [1, 3, 10, 40])
    func steady(perSecond: Int) {
        var bench = Bench(credits: 50)
        for _ in 0..<(5 * perSecond) {
            bench.arrive(1)
            bench.run(for: .second / Nanoseconds(perSecond))
        }
        let before = bench.words.count
        let start = bench.now
        while bench.now < start + 60 * .second {
            bench.arrive(1)
            bench.run(for: .second / Nanoseconds(perSecond))
        }
        #expect(bench.words.count <= before + 1)
        #expect((perSecond...perSecond * 5 / 4 + 2).contains(bench.said))
    }

    @Test("A backlog says so at once, and its end within 150 ms")
    func backlog() throws {
        var bench = Bench(credits: 10)
        bench.run(for: .second)
        bench.arrive(40)
        bench.run(for: 50 * .millisecond)
        #expect(bench.said >= 40)
        while bench.waiting > 0 { bench.run(for: 50 * .millisecond) }
        let end = bench.now
        bench.run(for: 3 * .second)
        let word = try #require(bench.words.first { $0.at > end })
        #expect(word.at - end <= 150 * .millisecond)
        #expect(word.wanted <= 10)
        #expect(bench.said == 0)
    }

    @Test("A share that falls idle says 0")
    func idle() {
        var bench = Bench(credits: 50)
        for _ in 0..<50 {
            bench.arrive(1)
            bench.run(for: 100 * .millisecond)
        }
        #expect(bench.said >= 10)
        bench.run(for: 4 * .second)
        #expect(bench.said == 0)
        let words = bench.words.count
        bench.run(for: 60 * .second)
        #expect(bench.words.count == words)
    }

    @Test("A queue that is longer than scans count asks for all it may have")
    func long() {
        var bench = Bench(credits: 10)
        bench.arrive(5000)
        bench.run(for: 50 * .millisecond)
        #expect(bench.said == 1000)
    }
}
