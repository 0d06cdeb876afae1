/// Upright bars, drawn by the server. What it shows also stands in its names for those who do not see it.
struct BarChart: Sendable {
    struct Bar: Sendable {
        let name: String
        let value: Int
        /// A part of the value that is marked.
        var part = 0
        /// Stands back against the others.
        var isPale = false
    }

    let title: String
    let bars: [Bar]
    var partName: String?

    private static let height = 120

    var html: HTML {
        let most = max(1, bars.map(\.value).max() ?? 1)
        let step = 24
        let width = max(1, bars.count) * step
        let shapes = bars.enumerated().map { index, bar -> HTML in
            let tall = bar.value == 0 ? 0 : max(2, bar.value * Self.height / most)
            let marked = bar.part == 0 ? 0 : max(2, min(bar.part, bar.value) * Self.height / most)
            let x = index * step + 3
            let words =
                "\(bar.name): \(Words.number(bar.value))"
                + (partName.map { bar.part > 0 ? ", \(Words.number(bar.part)) \($0)" : "" } ?? "")
            let kind: HTML = bar.isPale ? "cool" : "use"
            let part: HTML =
                marked == 0
                ? .empty
                : "<rect class=\"marked\" x=\"\(x)\" y=\"\(Self.height - marked)\" width=\"\(step - 6)\" height=\"\(marked)\"/>"
            return """
                <g><title>\(words)</title><rect class="hit" x="\(index * step)" y="0" width="\(step)" height="\(Self.height)"/>\
                <rect class="\(kind)" x="\(x)" y="\(Self.height - tall)" width="\(step - 6)" height="\(tall)"/>\(part)</g>
                """
        }
        let legend: HTML? = partName.map {
            "<ul class=\"legend\"><li><span class=\"swatch use\"></span>sent</li><li><span class=\"swatch marked\"></span>\($0)</li></ul>"
        }
        return """
            <figure class="chart bars"><div class="scale" aria-hidden="true"><span>\(Words.number(most))</span><span>0</span></div>
            <svg viewBox="0 0 \(width) \(Self.height)" preserveAspectRatio="none" role="img" aria-label="\(summary)">
            <line class="grid" x1="0" x2="\(width)" y1="\(Self.height)" y2="\(Self.height)"/>\(shapes)</svg>
            <div class="times" aria-hidden="true"><span>\(bars.first?.name ?? "")</span><span>\(bars.last?.name ?? "")</span></div>
            </figure>\(legend)
            """
    }

    private var summary: String {
        guard let top = bars.max(by: { $0.value < $1.value }) else { return "\(title): nothing" }
        return "\(title): from \(bars.first?.name ?? "") to \(bars.last?.name ?? ""), most on \(top.name) with "
            + "\(Words.number(top.value))"
    }
}
