/// A chart of what happened second by second: areas that stand on each other, lines over them, and limits across. Drawn by
/// attributes only; what it says stands in words and in a table beside it.
public struct SecondsChart: Sendable {
    public struct Area: Sendable {
        let style: String
        /// A value for each second; nil where nothing is known.
        let values: [Double?]

        public init(_ style: String, _ values: [Double?]) {
            self.style = style
            self.values = values
        }
    }

    public struct Limit: Sendable {
        let style: String
        let value: Double

        public init(_ style: String, _ value: Double) {
            self.style = style
            self.value = value
        }
    }

    /// The width of one second, and the height of all, in units of the drawing.
    private static let step = 10
    private static let height = 200

    let label: String
    let count: Int
    let areas: [Area]
    let lines: [Area]
    let limits: [Limit]
    let isSmall: Bool

    /// - Parameters:
    ///   - label: what it shows, in words.
    ///   - count: how many seconds; the last value of each series is the latest.
    public init(label: String, count: Int, areas: [Area], lines: [Area] = [], limits: [Limit], isSmall: Bool = false) {
        self.label = label
        self.count = count
        self.areas = areas
        self.lines = lines
        self.limits = limits
        self.isSmall = isSmall
    }

    public var html: HTML {
        let top = self.top
        let width = count * Self.step
        let marks = isSmall ? 2 : 4
        let grid = (0...marks).map { mark -> HTML in
            let y = Self.height * mark / marks
            return "<line class=\"grid\" x1=\"0\" x2=\"\(width)\" y1=\"\(y)\" y2=\"\(y)\"/>"
        }
        let scale = (0...marks).map { mark -> HTML in
            "<span>\(Words.decimal(top * Double(marks - mark) / Double(marks)))</span>"
        }
        let lines = lines.map { line -> HTML in
            "<path class=\"line \(line.style)\" d=\"\(stroke(line.values, top))\"/>"
        }
        let limits = limits.map { limit -> HTML in
            let y = y(limit.value, top)
            return
                "<line class=\"line \(limit.style)\" data-value=\"\(Words.decimal(limit.value))\" x1=\"0\" x2=\"\(width)\" y1=\"\(y)\" y2=\"\(y)\"/>"
        }
        let style: HTML = isSmall ? "chart small-chart" : "chart"
        return """
            <div class="\(style)"><div class="scale" aria-hidden="true">\(scale)</div>\
            <svg role="img" aria-label="\(label)" viewBox="0 0 \(width) \(Self.height)" preserveAspectRatio="none">\(grid)\
            \(stacked(top))\(lines)\(limits)</svg>\
            <div class="times" aria-hidden="true"><span>\(count) s ago</span><span>now</span></div></div>
            """
    }

    /// A round number that is not below anything that is shown.
    private var top: Double {
        let stacks = (0..<count).map { index in areas.reduce(0) { $0 + (Self.value($1.values, index, count) ?? 0) } }
        let peaks = lines.flatMap { $0.values.compactMap(\.self) }
        let most = max(stacks.max() ?? 0, peaks.max() ?? 0, limits.map(\.value).max() ?? 0) * 1.05
        guard most > 4, most < 1e9 else { return 4 }
        var unit = 4.0
        while unit * 10 < most { unit *= 10 }
        return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map { $0 * unit }.first { $0 >= most } ?? unit * 10
    }

    private func stacked(_ top: Double) -> [HTML] {
        var base = [Double](repeating: 0, count: count)
        return areas.map { area in
            var path = ""
            var index = 0
            while index < count {
                guard let value = Self.value(area.values, index, count), value > 0 else {
                    index += 1
                    continue
                }
                // Equal neighbours are one step: what is idle is short.
                var end = index + 1
                while end < count, Self.value(area.values, end, count) == value, base[end] == base[index] { end += 1 }
                let (low, high) = (y(base[index], top), y(base[index] + value, top))
                path += "M\(index * Self.step) \(low)V\(high)H\(end * Self.step)V\(low)z"
                index = end
            }
            for index in 0..<count { base[index] += Self.value(area.values, index, count) ?? 0 }
            return "<path class=\"\(area.style)\" d=\"\(path)\"/>"
        }
    }

    private func stroke(_ values: [Double?], _ top: Double) -> String {
        var path = ""
        var last: Int?
        for index in 0..<count {
            guard let value = Self.value(values, index, count) else {
                last = nil
                continue
            }
            let y = y(value, top)
            if last == nil { path += "M\(index * Self.step) \(y)" } else if last != y { path += "V\(y)" }
            path += "H\((index + 1) * Self.step)"
            last = y
        }
        return path
    }

    private func y(_ value: Double, _ top: Double) -> Int {
        Self.height - Int((min(value, top) / top * Double(Self.height)).rounded())
    }

    /// Series that are shorter begin later.
    private static func value(_ values: [Double?], _ index: Int, _ count: Int) -> Double? {
        let place = index - (count - values.count)
        return values.indices.contains(place) ? values[place] : nil
    }
}
