/// Panels one below the other on one time axis, each with lines over a common scale.
public struct PanelChart: Sendable {
    public struct Line: Sendable {
        /// Whether it is Sluice's.
        public var isOurs: Bool
        public var values: [Double]

        public init(_ values: [Double], isOurs: Bool) {
            self.values = values
            self.isOurs = isOurs
        }
    }

    public struct Panel: Sendable {
        public var title: String
        public var lines: [Line]
        /// A dashed line, above which everything is marked.
        public var limit: Double?

        public init(title: String, lines: [Line], limit: Double? = nil) {
            self.title = title
            self.lines = lines
            self.limit = limit
        }
    }

    private static let width = 860.0
    private static let height = 130.0
    private static let left = 48.0
    private static let right = 12.0
    private static let top = 50.0
    private static let gap = 40.0

    public var title: String
    public var panels: [Panel]
    /// Seconds between two values.
    public var step: Double
    /// The time of the first value, in seconds.
    public var start: Double
    /// Instants to mark on the time axis, in seconds, with their names.
    public var marks: [(at: Double, name: String)]

    public init(
        title: String,
        panels: [Panel],
        step: Double,
        start: Double = 0,
        marks: [(at: Double, name: String)] = []
    ) {
        self.title = title
        self.panels = panels
        self.step = step
        self.start = start
        self.marks = marks
    }

    public var svg: String {
        let most = panels.flatMap { panel in panel.lines.flatMap(\.values) + [panel.limit ?? 0] }.max() ?? 1
        let scale = Self.scale(most)
        let height = Self.top + Double(panels.count) * (Self.height + Self.gap) + 4
        var svg = SVGText(width: Int(Self.width), height: Int(height), title: title)
        svg.text(title, x: Self.left, y: 16)
        for (index, panel) in panels.enumerated() {
            let top = Self.top + Double(index) * (Self.height + Self.gap)
            draw(panel, top: top, scale: scale, isFirst: index == 0, in: &svg)
        }
        return svg.document
    }

    private var count: Int { panels.flatMap(\.lines).map(\.values.count).max() ?? 0 }
    private var seconds: Double { max(step, Double(count - 1) * step) }

    private func x(_ time: Double) -> Double {
        Self.left + (time - start) / seconds * (Self.width - Self.left - Self.right)
    }

    private func draw(_ panel: Panel, top: Double, scale: Double, isFirst: Bool, in svg: inout SVGText) {
        let bottom = top + Self.height
        func y(_ value: Double) -> Double { bottom - value / scale * Self.height }
        let end = start + seconds
        for part in [0.5, 1] {
            svg.line((x(start), y(scale * part)), (x(end), y(scale * part)), style: "grid")
            let value = scale * part
            let text = Figures.decimals(value, value == value.rounded() ? 0 : 1)
            svg.text(text, x: Self.left - 6, y: y(value) + 4, anchor: "end", style: "dim")
        }
        for line in panel.lines where line.values.count > 1 {
            let points = line.values.enumerated().map { (x(start + Double($0) * step), y($1)) }
            let style = line.isOurs ? "ours" : "other"
            let first = points[0].0
            let last = points[points.count - 1].0
            svg.polygon([(first, bottom)] + points + [(last, bottom)], style: style + "-area")
            if let limit = panel.limit { markOver(limit, line.values, y, in: &svg) }
            svg.polyline(points, style: style + " line")
        }
        if let limit = panel.limit {
            svg.line((x(start), y(limit)), (x(end), y(limit)), style: "limit")
        }
        for mark in marks {
            svg.line((x(mark.at), top), (x(mark.at), bottom), style: "axis")
            if isFirst { svg.text(mark.name, x: x(mark.at) + 3, y: top + 12, style: "dim") }
        }
        svg.line((x(start), bottom), (x(end), bottom), style: "axis")
        svg.text(panel.title, x: Self.left, y: top - 6, style: "dim")
        for tick in ticks(to: end) {
            svg.text("\(Figures.decimals(tick, 0)) s", x: x(tick), y: bottom + 14, anchor: "middle", style: "dim")
        }
    }

    /// The part of the area that lies above the limit.
    private func markOver(_ limit: Double, _ values: [Double], _ y: (Double) -> Double, in svg: inout SVGText) {
        var index = 0
        while index < values.count {
            guard values[index] > limit else {
                index += 1
                continue
            }
            let first = index
            while index < values.count, values[index] > limit { index += 1 }
            let points = (first..<index).map { (x(start + Double($0) * step), y(values[$0])) }
            let width = max(1, x(start + Double(index - 1) * step) - points[0].0)
            svg.polygon(
                [(points[0].0, y(limit))] + points
                    + [(points[0].0 + width, points[points.count - 1].1), (points[0].0 + width, y(limit))],
                style: "over"
            )
        }
    }

    private func ticks(to end: Double) -> [Double] {
        let spacing = [1.0, 2, 5, 10, 20, 60].first { seconds / $0 <= 12 } ?? 120
        return Array(stride(from: (start / spacing).rounded(.up) * spacing, through: end, by: spacing))
    }

    /// The next number from `value` on whose half is round, too.
    private static func scale(_ value: Double) -> Double {
        var unit = 1.0
        while unit * 10 < value { unit *= 10 }
        return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map { $0 * unit }.first { $0 >= value } ?? value
    }
}
