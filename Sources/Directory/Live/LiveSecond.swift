/// What one account did in one second, on all nodes that said so.
public struct LiveSecond: Equatable, Sendable {
    /// One share's.
    public struct Credits: Equatable, Sendable {
        /// Recipients whose calls began in the second.
        public var used: Int
        /// Credits at the end of the second: free ones, those of calls that are about to begin or under way, and cooling ones.
        public var free: Int
        public var inUse: Int
        public var cooling: Int

        public init(used: Int = 0, free: Int = 0, inUse: Int = 0, cooling: Int = 0) {
            self.used = used
            self.free = free
            self.inUse = inUse
            self.cooling = cooling
        }

        public static func += (left: inout Credits, right: Credits) {
            left.used += right.used
            left.free += right.free
            left.inUse += right.inUse
            left.cooling += right.cooling
        }
    }

    /// Since 1970, by the database's clock.
    public let second: Int64
    /// By share number.
    public var shares: [Int32: Credits]

    public init(second: Int64, shares: [Int32: Credits] = [:]) {
        self.second = second
        self.shares = shares
    }

    public var total: Credits { shares.values.reduce(into: Credits()) { $0 += $1 } }
}
