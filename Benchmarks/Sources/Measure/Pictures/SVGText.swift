/// An SVG document that is put together from its elements. Colours follow the reader's light or dark scheme.
struct SVGText {
    private var lines: [String]
    private let title: String

    init(width: Int, height: Int, title: String) {
        self.title = Self.escaped(title)
        lines = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img" \
            font-family="ui-sans-serif, system-ui, sans-serif" font-size="12">
            """,
            "<title>\(self.title)</title>",
            """
            <style>
            text { fill: #24292f } .dim { fill: #57606a } .axis { stroke: #8c959f; fill: none }
            .grid { stroke: #8c959f; stroke-opacity: .25 } .limit { stroke: #cf222e; stroke-dasharray: 5 3 }
            .ours { stroke: #0969da } .ours-area { fill: #0969da; fill-opacity: .15 }
            .other { stroke: #9a6700 } .other-area { fill: #9a6700; fill-opacity: .15 } .over { fill: #cf222e }
            .line { fill: none; stroke-width: 1.5 } .ours-bar, .ours-name { fill: #0969da }
            .other-bar { fill: #9a6700; fill-opacity: .55 } .other-name { fill: #9a6700 }
            @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3 } .dim { fill: #9198a1 } .limit { stroke: #ff7b72 } .over { fill: #ff7b72 }
            .ours { stroke: #58a6ff } .ours-area { fill: #58a6ff } .other { stroke: #d29922 }
            .other-area, .other-bar, .other-name { fill: #d29922 } .ours-bar, .ours-name { fill: #58a6ff }
            }
            </style>
            """,
        ]
    }

    mutating func text(_ text: String, x: Double, y: Double, anchor: String = "start", style: String = "") {
        lines.append(
            """
            <text x="\(Self.number(x))" y="\(Self.number(y))" text-anchor="\(anchor)" class="\(style)">\
            \(Self.escaped(text))</text>
            """
        )
    }

    mutating func line(_ from: (Double, Double), _ to: (Double, Double), style: String) {
        lines.append(
            """
            <line x1="\(Self.number(from.0))" y1="\(Self.number(from.1))" x2="\(Self.number(to.0))" \
            y2="\(Self.number(to.1))" class="\(style)"/>
            """
        )
    }

    mutating func polyline(_ points: [(Double, Double)], style: String) {
        lines.append(#"<polyline points="\#(Self.points(points))" class="\#(style)"/>"#)
    }

    mutating func polygon(_ points: [(Double, Double)], style: String) {
        lines.append(#"<polygon points="\#(Self.points(points))" class="\#(style)"/>"#)
    }

    var document: String { (lines + ["</svg>", ""]).joined(separator: "\n") }

    private static func points(_ points: [(Double, Double)]) -> String {
        points.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
    }

    private static func number(_ value: Double) -> String {
        let text = Figures.decimals(value, 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
