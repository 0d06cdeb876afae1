import Measure
import Testing

struct WallTests {
    private func cell(_ variant: WallResult.Variant, rate: Double, cost: Double) -> WallResult {
        let work = WallResult.Work(messages: Int(rate * 2), seconds: 2, node: rate * cost, database: rate * cost)
        return WallResult(variant: variant, single: work, batch: work, dispatch: work)
    }

    @Test func comparesTheCPUOfTheMedianRounds() {
        let cells = [
            cell(.usual, rate: 1000, cost: 1e-4), cell(.usual, rate: 1200, cost: 5), cell(.usual, rate: 800, cost: 7),
            cell(.sealed, rate: 900, cost: 1.1e-4), cell(.unwalled, rate: 1100, cost: 0.9e-4),
        ]
        let page = ReportPage.walls(cells)
        #expect(page.contains("| dispatch | usual | 1,000 | 50 us | 50 us |  |"))
        #expect(page.contains("| dispatch | sealed | 900 | 55 us | 55 us | +10.0 % |"))
        #expect(page.contains("| POST /send | unwalled | 1,100 | 45 us | 45 us | -10.0 % |"))
        #expect(!ReportPage.walls([cells[0]]).contains("sealed"))
    }
}
