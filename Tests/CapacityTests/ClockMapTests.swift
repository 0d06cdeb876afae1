import Capacity
import Testing

@Suite("Mapping a node's clock")
struct ClockMapTests {
    @Test("Between two samples the difference is interpolated; the error is theirs and their disagreement")
    func between() throws {
        let map = ClockMap([
            .init(node: 100, database: 1_120, error: 4), .init(node: 0, database: 1_000, error: 3),
        ])
        let middle = try #require(map.map(50))
        #expect(middle.at == 1_060)
        #expect(middle.error == 4 + 20)
        #expect(try #require(map.map(100)).at == 1_120)
    }

    @Test("Beyond the samples the error grows with the distance, and far away nothing is known")
    func beyond() throws {
        let map = ClockMap([.init(node: 10 * .second, database: 110 * .second, error: 5)])
        let later = try #require(map.map(20 * .second))
        #expect(later.at == 120 * .second)
        #expect(later.error == 5 + 500_000)
        #expect(try #require(map.map(9 * .second)).at == 109 * .second)
        #expect(map.map(400 * .second) == nil)
        #expect(ClockMap([]).map(0) == nil)
    }
}
