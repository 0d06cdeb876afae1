import Foundation

/// Latencies by the part of requests that they are not exceeded by; the axis widens towards the slow end, where tails are.
public struct QuantileChart: Sendable {
    public struct Line: Sendable {
        public var name: String
        public var isOurs: Bool
        /// Values in seconds.
        public var quantiles: [Quantile]

        public init(_ name: String, _ quantiles: [Quantile], isOurs: Bool) {
            self.name = name
            self.quantiles = quantiles
            self.isOurs = isOurs
        }
    }

    private static let width = 860.0
    private static let height = 260.0
    private static let left = 64.0
    private static let right = 34.0
    private static let top = 40.0
    private static let bottom = 30.0
    /// Nines of the axis: 0 %, 90 %, 99 %, 99.9 %, 99.99 %.
    private static let nines = 4

    public var title: String
    public var lines: [Line]

    public init(title: String, lines: [Line]) {
        self.title = title
        self.lines = lines
    }

    public var svg: String {
        let shown = lines.map { line in (line, line.quantiles.filter { $0.part < 1 }) }
        let most = shown.flatMap(\.1).map(\.value).max() ?? 0
        let scale = Self.scale(most * 1000)
        var svg = SVGText(width: Int(Self.width), height: Int(Self.height), title: title)
        svg.text(title, x: 12, y: 20)
        let base = Self.height - Self.bottom
        func y(_ milliseconds: Double) -> Double { base - milliseconds / scale * (base - Self.top) }
        for part in [0.5, 1] {
            svg.line((Self.left, y(scale * part)), (Self.width - Self.right, y(scale * part)), style: "grid")
            let text = "\(Figures.decimals(scale * part, scale < 4 ? 1 : 0)) ms"
            svg.text(text, x: Self.left - 6, y: y(scale * part) + 4, anchor: "end", style: "dim")
        }
        for nine in 0...Self.nines {
            let part = 1 - (0..<nine).reduce(1.0) { value, _ in value / 10 }
            let text = nine == 0 ? "0 %" : Figures.decimals(part * 100, max(0, nine - 2)) + " %"
            svg.text(text, x: Self.x(part), y: base + 18, anchor: "middle", style: "dim")
            svg.line((Self.x(part), Self.top), (Self.x(part), base), style: "grid")
        }
        for (index, shown) in shown.enumerated() {
            let (line, quantiles) = shown
            let style = line.isOurs ? "ours" : "other"
            svg.polyline(quantiles.map { (Self.x($0.part), y($0.value * 1000)) }, style: style + " line")
            svg.text(line.name, x: Self.left + 8, y: Self.top + 14 + Double(index) * 16, style: style + "-name")
        }
        svg.line((Self.left, base), (Self.width - Self.right, base), style: "axis")
        return svg.document
    }

    /// 0 % at the left end, and each further nine as far as the one before.
    private static func x(_ part: Double) -> Double {
        let nines = -log10(max(1 - part, 0.0001))
        return left + min(nines / Double(Self.nines), 1) * (width - left - right)
    }

    private static func scale(_ value: Double) -> Double {
        var unit = 0.1
        while unit * 10 < value { unit *= 10 }
        return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map { $0 * unit }.first { $0 >= value } ?? max(value, 1)
    }
}
