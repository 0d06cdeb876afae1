import Foundation
import FoundationXML
import Measure
import Testing

struct PictureTests {
    @Test func theSlidingRateKeepsThePeak() {
        let sends = [Int64(0), 400, 999, 1000].map { (at: $0, recipients: 1) }
        let series = SlidingRate.series(sends, from: 0, to: 2000, step: 500, window: 1000)
        // 3 in the window before 999; the first has left when the fourth comes.
        #expect(series == [2, 3, 3, 2])
        #expect(SlidingRate.series(sends, from: 500, to: 2000, step: 500, window: 1000) == [3, 3, 2])
    }

    @Test func aChartIsWellFormed() throws {
        let chart = PanelChart(
            title: "A & B < C",
            panels: [.init(title: "one", lines: [.init([0, 4, 12, 3], isOurs: true)], limit: 10)],
            step: 0.5,
            marks: [(1, "now")]
        )
        let parser = XMLParser(data: Data(chart.svg.utf8))
        #expect(parser.parse())
        #expect(chart.svg.contains("A &amp; B &lt; C"))
        #expect(chart.svg.contains(#"class="over""#))
        #expect(chart.svg.contains("prefers-color-scheme: dark"))
    }

    @Test func aPageIsFilledBetweenItsMarkers() {
        let page = "Before\n<!-- b7 -->\nold\n<!-- /b7 -->\nAfter"
        #expect(MarkedText.replacing("b7", in: page, with: "new") == "Before\n<!-- b7 -->\nnew\n<!-- /b7 -->\nAfter")
        #expect(MarkedText.replacing("b8", in: page, with: "new") == nil)
    }

    @Test func figuresAreRounded() {
        #expect(Figures.decimals(12.345, 1) == "12.3")
        #expect(Figures.decimals(-0.04, 1) == "0.0")
        #expect(Figures.decimals(1.05, 2) == "1.05")
        #expect(Figures.percent(0.9987) == "99.9 %")
        #expect(Figures.milliseconds(0.1996) == "200 ms")
    }

    @Test func everyCellHasItsRow() {
        var cell = CellResult(name: "x", system: "sluice", rate: 50, nodes: 2, latency: "30-80 ms", seconds: 10)
        cell.fault = "leader killed"
        cell.pause = Pause([], fault: 0, counted: 0, end: 1, rate: 50)
        #expect(ReportPage.exactness([cell, cell]).split(separator: "\n").count == 4)
        #expect(ReportPage.faults([cell]).contains("leader killed"))
        #expect(ReportPage.utilisation([cell]).split(separator: "\n").count == 2)
    }
}
