/// An account's shares, validated and laid out flat, parents before children.
///
/// The account itself is the root (index 0, path ""). What a share's children do not take of its rate is its own:
/// `ownRate`, for the lanes that are routed to it directly.
public struct ShareTree: Equatable, Sendable {
    public struct Node: Equatable, Sendable {
        /// Names joined by slashes, below the account; "" for the account.
        public let path: String
        public let parent: Int?
        public let rate: Int
        /// The most this share may hold, inherited ceilings resolved.
        public let ceiling: Int
        public let weight: Int
        public let lend: Bool
        public let ownRate: Int
    }

    public let nodes: [Node]
    /// The children of each node, one range of `offspring` each.
    private let offspring: [Int]
    private let ranges: [Range<Int>]
    private let indices: [String: Int]

    /// - Parameters:
    ///   - credits: what the account has (`CreditRule.credits`), or nil while its quota is not known yet: then only the
    ///     shares among themselves are checked.
    public init(credits: Int?, shares: [Share]) throws(ShareProblem) {
        let sum = try Self.sum(of: shares, below: "")
        if let credits, sum > credits {
            throw ShareProblem(
                path: "",
                detail:
                    "the shares' rates add up to \(sum) (\(Self.addends(shares))), more than the quota of \(credits)"
            )
        }
        let total = credits ?? sum
        var nodes = [
            Node(path: "", parent: nil, rate: total, ceiling: total, weight: 1, lend: true, ownRate: total - sum)
        ]
        try Self.append(shares, parent: 0, to: &nodes)
        self.nodes = nodes
        var children = nodes.map { _ in [Int]() }
        for (index, node) in nodes.enumerated() {
            if let parent = node.parent { children[parent].append(index) }
        }
        offspring = children.flatMap(\.self)
        var start = 0
        ranges = children.map { own in
            defer { start += own.count }
            return start..<start + own.count
        }
        indices = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1.path, $0) })
    }

    /// The tree in an account of so many credits; one that does not fit them (any more) keeps its own sum.
    public static func fitted(to credits: Int?, shares: [Share]) throws(ShareProblem) -> ShareTree {
        if let tree = try? ShareTree(credits: credits, shares: shares) { return tree }
        return try ShareTree(credits: nil, shares: shares)
    }

    public func index(of path: String) -> Int? { indices[path] }

    func children(of index: Int) -> ArraySlice<Int> { offspring[ranges[index]] }

    /// Calls `body` with the share itself and all above it.
    func forEachAncestor(of index: Int, _ body: (Int) -> Void) {
        var next: Int? = index
        while let ancestor = next {
            body(ancestor)
            next = nodes[ancestor].parent
        }
    }

    private static func append(_ shares: [Share], parent: Int, to nodes: inout [Node]) throws(ShareProblem) {
        var names: Set<String> = []
        for share in shares {
            let path = nodes[parent].path.isEmpty ? share.name : nodes[parent].path + "/" + share.name
            guard isName(share.name) else {
                throw ShareProblem(
                    path: path,
                    detail: "a name is 1 to 64 letters, digits, '-', '_' or '.', not starting with '.'"
                )
            }
            guard names.insert(share.name).inserted else { throw ShareProblem(path: path, detail: "named twice") }
            try check(share, path: path)
            let sum = try Self.sum(of: share.children, below: path)
            guard sum <= share.rate else {
                throw ShareProblem(
                    path: path,
                    detail:
                        "its shares' rates add up to \(sum) (\(addends(share.children))), more than its \(share.rate)"
                )
            }
            let ceiling =
                switch share.ceiling {
                case .rate: share.rate
                case .credits(let credits): min(credits, nodes[parent].ceiling)
                case .parent: nodes[parent].ceiling
                }
            nodes.append(
                Node(
                    path: path,
                    parent: parent,
                    rate: share.rate,
                    ceiling: ceiling,
                    weight: share.weight,
                    lend: share.lend,
                    ownRate: share.rate - sum
                )
            )
            try append(share.children, parent: nodes.count - 1, to: &nodes)
        }
    }

    private static func check(_ share: Share, path: String) throws(ShareProblem) {
        guard (0...10_000_000).contains(share.rate) else {
            throw ShareProblem(path: path, detail: "rate \(share.rate) is not a whole number from 0 to 10000000")
        }
        guard (1...10_000_000).contains(share.weight) else {
            throw ShareProblem(path: path, detail: "weight \(share.weight) is not a whole number from 1 to 10000000")
        }
        if share.rate == 0, share.ceiling == .rate {
            throw ShareProblem(path: path, detail: "rate 0 needs a ceiling to borrow up to, or it can never send")
        }
        if case .credits(let ceiling) = share.ceiling, ceiling < share.rate || ceiling == 0 {
            throw ShareProblem(
                path: path,
                detail: "ceiling \(ceiling) is below its rate \(share.rate) or zero; leave it out for a fixed share"
            )
        }
    }

    private static func sum(of shares: [Share], below path: String) throws(ShareProblem) -> Int {
        var sum = 0
        for share in shares {
            let (next, overflow) = sum.addingReportingOverflow(max(0, share.rate))
            guard !overflow else { throw ShareProblem(path: path, detail: "the sum of its shares' rates is too large") }
            sum = next
        }
        return sum
    }

    private static func addends(_ shares: [Share]) -> String {
        shares.map { "\($0.name) \($0.rate)" }.joined(separator: " + ")
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: ".")
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            }
    }
}
