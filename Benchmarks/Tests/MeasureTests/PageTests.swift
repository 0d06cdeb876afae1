import Measure
import Testing

struct PageTests {
    private func cell(_ page: String?, _ node: Double, lanes: Int = 3) -> PageResult {
        PageResult(page: page, lanes: lanes, posted: 20, seconds: 1, node: node, database: 0.5)
    }

    @Test func aPageCostsWhatComesToTheNodesOwn() throws {
        let cells = [
            cell(nil, 0.04), cell("/a", 0.05), cell(nil, 0.03), cell("/a", 0.10), cell(nil, 0.05), cell("/a", 0.045),
            cell(nil, 0.5, lanes: 9), cell("/a", 0.6, lanes: 9),
        ]
        let costs = PageResult.costs(cells)
        #expect(costs.map(\.page) == ["/a", "/a"] && costs.map(\.lanes) == [3, 9])
        #expect(abs(costs[0].node - (0.01 + 0.07 - 0.005) / 3) < 1e-9 && abs(costs[1].node - 0.1) < 1e-9)
        #expect(abs(costs[0].range.lowerBound + 0.005) < 1e-9 && abs(costs[0].range.upperBound - 0.07) < 1e-9)
        #expect(costs[0].database == 0)
        let goal = try #require(Goals.pages(cells).first)
        #expect(!goal.isMet)
        #expect(PageResult.costs([cell("/a", 1)]).isEmpty)
    }
}
