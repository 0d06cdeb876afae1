import Dashboard
import Testing

struct SecondsChartTests {
    private static func chart(
        _ areas: [SecondsChart.Area] = [],
        lines: [SecondsChart.Area] = [],
        limits: [SecondsChart.Limit] = [],
        count: Int = 4
    ) -> String {
        SecondsChart(label: "A <chart>", count: count, areas: areas, lines: lines, limits: limits).html.text
    }

    @Test func nothingIsDrawnOfWhatIsNotKnown() {
        let text = Self.chart([.init("use", [nil, nil, nil, nil])], lines: [.init("used", [nil, nil, nil, nil])])
        #expect(text.contains("<path class=\"use\" d=\"\"/>"))
        #expect(text.contains("<path class=\"line used\" d=\"\"/>"))
        #expect(text.contains("aria-label=\"A &lt;chart&gt;\"") && text.contains("role=\"img\""))
    }

    @Test func areasStandOnEachOtherAndEqualSecondsAreOneStep() {
        // The scale ends at 40, which is 200 units high: 10 is 50 units.
        let text = Self.chart(
            [.init("use", [10, 10, 10, 10]), .init("free", [10, 10, 20, 20])],
            limits: [.init("limit", 38)]
        )
        #expect(text.contains("<path class=\"use\" d=\"M0 200V150H40V200z\"/>"))
        #expect(text.contains("<path class=\"free\" d=\"M0 150V100H20V150zM20 150V50H40V150z\"/>"))
        #expect(text.contains("<span>40</span>") && text.contains("data-value=\"38\""))
    }

    @Test func aLineBreaksWhereNothingIsKnown() {
        let text = Self.chart(lines: [.init("used", [4, nil, 2, 2])], limits: [.init("limit", 3.8)])
        // Up to 6: the peak with some room.
        #expect(text.contains("<path class=\"line used\" d=\"M0 67H10M20 133H30H40\"/>"))
    }

    @Test func whatIsShorterBeginsLater() {
        let text = Self.chart([.init("use", [4])], limits: [.init("limit", 3.8)])
        #expect(text.contains("d=\"M30 200V67H40V200z\""))
    }

    @Test(arguments: [(0.0, "4"), (50, "60"), (100, "120"), (14, "16"), (1000, "1,200"), (7, "8")])
    func theScaleIsRoundAndHasRoom(limit: Double, top: String) {
        let text = Self.chart(limits: [.init("limit", limit)])
        #expect(text.contains("<span>\(top)</span>"), "\(text)")
    }
}
