import Measure
import Testing

struct FloodTests {
    private func cell(_ p99: Double, isFlooded: Bool) -> FloodResult {
        FloodResult(
            flood: isFlooded ? .init(limit: 10, offered: 100, accepted: 50, refused: 450) : nil,
            offered: 5,
            seconds: 5,
            accepted: 25,
            refused: 0,
            latency: Spread(Array(repeating: p99, count: 25))
        )
    }

    @Test func comparesTheMediansOfBothKinds() throws {
        let cells = [
            cell(0.010, isFlooded: false), cell(0.012, isFlooded: true), cell(0.011, isFlooded: false),
            cell(0.500, isFlooded: true), cell(0.009, isFlooded: false), cell(0.011, isFlooded: true),
        ]
        let moved = try #require(FloodResult.moved(cells))
        #expect(abs(moved - 0.2) < 1e-9)
        #expect(FloodResult.moved([cells[0]]) == nil)
        #expect(FloodResult.moved([]) == nil)
    }
}
