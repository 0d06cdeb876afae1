/// A figure that a part of all figures do not exceed.
public struct Quantile: Sendable, Codable, Equatable {
    public var part: Double
    public var value: Double

    public init(part: Double, value: Double) {
        self.part = part
        self.value = value
    }

    private static let parts = [
        0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 1,
    ]

    /// From the least to the most, closer together towards the slow end. Each is a figure that occurred; a part that so few
    /// figures can't tell from the most is left out.
    public static func usual(_ figures: some Collection<Double>) -> [Quantile] {
        let sorted = figures.sorted()
        guard let most = sorted.last else { return [] }
        return parts.compactMap { part in
            guard part < 1 else { return Quantile(part: 1, value: most) }
            guard part == 0 || (1 - part) * Double(sorted.count) >= 1 else { return nil }
            let rank = Int((part * Double(sorted.count)).rounded(.up))
            return Quantile(part: part, value: sorted[max(rank - 1, 0)])
        }
    }
}
