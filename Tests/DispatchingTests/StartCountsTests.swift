import Testing

@testable import Dispatching

struct StartCountsTests {
    @Test func countsAreKeptBySecondAndShareForAWhile() {
        var counts = StartCounts()
        counts.add(2, share: 1, second: 10)
        counts.add(1, share: 2, second: 10)
        counts.add(3, share: 1, second: 10)
        counts.add(4, share: 1, second: 11)
        #expect(counts.counts(of: 10) == [1: 5, 2: 1])
        #expect(counts.counts(of: 11) == [1: 4])
        #expect(counts.counts(of: 12) == [:])
        for second in 12...14 { counts.add(1, share: 1, second: Int64(second)) }
        #expect(counts.counts(of: 10) == [:])
        #expect(counts.counts(of: 11) == [1: 4])
    }

    @Test func aClockThatStepsBackCountsIntoTheLatestSecond() {
        var counts = StartCounts()
        counts.add(1, share: 1, second: 10)
        counts.add(1, share: 1, second: 8)
        #expect(counts.counts(of: 10) == [1: 2])
    }
}
