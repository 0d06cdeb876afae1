import Capacity

/// A share as configured, for showing.
public struct ShareView: Equatable, Sendable {
    public let name: String
    /// Below the account, such as `UK/apa`.
    public let path: String
    /// Credits that it is promised.
    public let rate: Int
    /// The most it may hold; nil: the parent's.
    public let ceiling: Int?
    public let weight: Int
    public let lend: Bool
    public let children: [ShareView]

    init(_ share: Share, below parent: String) {
        name = share.name
        let path = SharePath.child(share.name, of: parent)
        self.path = path
        rate = share.rate
        ceiling = share.ceilingCredits
        weight = share.weight
        lend = share.lend
        children = share.children.map { ShareView($0, below: path) }
    }
}

extension Account {
    /// The share tree, for those who do not know `Capacity`.
    public var shareViews: [ShareView] { shares.map { ShareView($0, below: "") } }
}
