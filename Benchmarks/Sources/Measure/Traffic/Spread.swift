/// Some figures, summed up.
public struct Spread: Sendable, Equatable, Codable {
    public var count: Int
    public var least: Double
    public var p50: Double
    public var p99: Double
    public var most: Double
    public var mean: Double

    /// Nil of no figures. Percentiles are figures that occurred (nearest rank), never between two.
    public init?(_ figures: some Collection<Double>) {
        guard !figures.isEmpty else { return nil }
        let sorted = figures.sorted()
        count = sorted.count
        least = sorted[0]
        p50 = Self.percentile(sorted, 0.5)
        p99 = Self.percentile(sorted, 0.99)
        most = sorted[sorted.count - 1]
        mean = sorted.reduce(0, +) / Double(sorted.count)
    }

    private static func percentile(_ sorted: [Double], _ part: Double) -> Double {
        let rank = (part * Double(sorted.count)).rounded(.up)
        return sorted[min(max(Int(rank) - 1, 0), sorted.count - 1)]
    }
}
