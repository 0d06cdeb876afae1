/// Divides an account's credits among its shares by their guarantees alone: nobody lends.
///
/// When there are fewer credits than guarantees, all shrink in proportion; the rounding remainders go to the largest
/// fractions, ties to the earlier share, so that the parts always add up to what there is.
public enum FixedAllocation {
    /// The credits of each node of `tree`, by index: its `ownRate`, or its part of `credits`.
    public static func allocate(credits: Int, tree: ShareTree) -> [Int] {
        let wanted = tree.nodes.map(\.ownRate)
        let sum = wanted.reduce(0, +)
        guard sum > credits else { return wanted }
        var parts = wanted.map { $0 * credits / sum }
        let byRemainder = wanted.indices.sorted { a, b in
            let (ra, rb) = (wanted[a] * credits % sum, wanted[b] * credits % sum)
            return ra == rb ? a < b : ra > rb
        }
        for index in byRemainder.prefix(credits - parts.reduce(0, +)) { parts[index] += 1 }
        return parts
    }
}
