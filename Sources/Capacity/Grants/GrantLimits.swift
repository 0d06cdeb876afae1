/// What may still be raised: every credit that any worker may have counts against the quota and against every ceiling
/// above its share. This is the one place where credits come into the world.
struct GrantLimits: Sendable {
    private(set) var free: Int
    private var room: [Int]
    private let tree: ShareTree

    init(credits: Int, tree: ShareTree, sheet: GrantSheet) {
        self.tree = tree
        free = credits - sheet.allHeld
        room = tree.nodes.map(\.ceiling)
        for index in tree.nodes.indices {
            let held = sheet.held(index)
            if held > 0 { occupy(held, at: index) }
        }
    }

    private mutating func occupy(_ credits: Int, at index: Int) {
        let tree = tree
        tree.forEachAncestor(of: index) { room[$0] -= credits }
    }

    /// Whether neither the account nor the share, nor one above it, has more than it may.
    func isKept(at index: Int) -> Bool {
        var isKept = free >= 0
        tree.forEachAncestor(of: index) { isKept = isKept && room[$0] >= 0 }
        return isKept
    }

    /// Takes up to `credits` for the share at `index`; returns how many there were.
    mutating func take(_ credits: Int, at index: Int) -> Int {
        var part = min(credits, free)
        tree.forEachAncestor(of: index) { part = min(part, room[$0]) }
        guard part > 0 else { return 0 }
        free -= part
        occupy(part, at: index)
        return part
    }
}
