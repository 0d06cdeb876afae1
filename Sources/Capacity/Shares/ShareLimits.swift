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

    /// The most recipients of one call: what it can count on, or one where that is nothing.
    var most: Int { max(1, guarantee) }
}
