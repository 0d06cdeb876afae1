/// One node of an account's share tree as configured, with its children.
///
/// Rates and ceilings are whole credits. The words are those of Linux HTB: `rate` is guaranteed, `ceiling` is the most
/// the share may hold, what is left over goes by `weight`, and idle credits stay at home without `lend`.
public struct Share: Equatable, Sendable {
    /// The most a share may hold.
    public enum Ceiling: Equatable, Sendable {
        /// Exactly its rate: a fixed share, the default.
        case rate
        case credits(Int)
        /// Whatever the parent may hold.
        case parent
    }

    public var name: String
    public var rate: Int
    public var ceiling: Ceiling
    /// Defaults to the rate (at least 1).
    public var weight: Int
    public var lend: Bool
    public var children: [Share]

    public init(
        name: String,
        rate: Int,
        ceiling: Ceiling = .rate,
        weight: Int? = nil,
        lend: Bool = true,
        children: [Share] = []
    ) {
        self.name = name
        self.rate = rate
        self.ceiling = ceiling
        self.weight = weight ?? max(1, rate)
        self.lend = lend
        self.children = children
    }
}
