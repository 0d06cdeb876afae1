/// What a share may hold by its configuration, while nothing is cut.
public struct ShareLimits: Equatable, Sendable {
    /// Credits for its own lanes that it can count on.
    public let guarantee: Int
    /// Credits that it may hold at most.
    public let ceiling: Int

    public init(guarantee: Int, ceiling: Int) {
        self.guarantee = guarantee
        self.ceiling = ceiling
    }
}
