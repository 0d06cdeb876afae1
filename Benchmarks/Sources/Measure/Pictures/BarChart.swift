/// Groups of bars, one bar for each system, on one scale in each group.
public struct BarChart: Sendable {
    public struct Bar: Sendable {
        public var name: String
        public var value: Double
        public var isOurs: Bool

        public init(_ name: String, _ value: Double, isOurs: Bool) {
            self.name = name
            self.value = value
            self.isOurs = isOurs
        }
    }

    public struct Group: Sendable {
        public var title: String
        public var bars: [Bar]
        /// A dashed line: what the value is to be.
        public var goal: Double?

        public init(title: String, bars: [Bar], goal: Double? = nil) {
            self.title = title
            self.bars = bars
            self.goal = goal
        }
    }

    private static let width = 860.0
    private static let left = 230.0
    private static let right = 90.0
    private static let top = 34.0
    private static let row = 22.0
    private static let gap = 40.0

    public var title: String
    public var groups: [Group]

    public init(title: String, groups: [Group]) {
        self.title = title
        self.groups = groups
    }

    public var svg: String {
        let height = groups.reduce(Self.top) { $0 + Self.gap + Double($1.bars.count) * Self.row } + 8
        var svg = SVGText(width: Int(Self.width), height: Int(height), title: title)
        svg.text(title, x: 12, y: 20)
        var top = Self.top
        for group in groups {
            draw(group, top: top, in: &svg)
            top += Self.gap + Double(group.bars.count) * Self.row
        }
        return svg.document
    }

    private func draw(_ group: Group, top: Double, in svg: inout SVGText) {
        let most = max(group.bars.map(\.value).max() ?? 0, group.goal ?? 0)
        func x(_ value: Double) -> Double {
            Self.left + (most > 0 ? value / most : 0) * (Self.width - Self.left - Self.right)
        }
        svg.text(group.title, x: 12, y: top + 18, style: "dim")
        let first = top + 28
        for (index, bar) in group.bars.enumerated() {
            let y = first + Double(index) * Self.row
            svg.text(bar.name, x: Self.left - 8, y: y + 13, anchor: "end")
            let end = max(x(bar.value), Self.left + 1)
            svg.polygon(
                [(Self.left, y + 3), (end, y + 3), (end, y + 17), (Self.left, y + 17)],
                style: bar.isOurs ? "ours-bar" : "other-bar"
            )
            svg.text(Figures.thousands(bar.value), x: end + 6, y: y + 13, style: "dim")
        }
        let bottom = first + Double(group.bars.count) * Self.row
        svg.line((Self.left, first), (Self.left, bottom), style: "axis")
        if let goal = group.goal { svg.line((x(goal), first), (x(goal), bottom), style: "limit") }
    }
}
