import Capacity

/// A row of `share`.
struct StoredShare: Equatable {
    let id: Int32
    let accountID: Int32
    let path: String
    let rate: Int
    let ceiling: Share.Ceiling
    let weight: Int
    let lend: Bool

    /// The shares below the account, nested, in the order of the rows.
    static func nested(_ rows: [StoredShare]) -> [Share] {
        let below = Dictionary(grouping: rows.filter { !$0.path.isEmpty }) { SharePath.parent(of: $0.path) }
        return nested(below, parent: "")
    }

    private static func nested(_ below: [String: [StoredShare]], parent: String) -> [Share] {
        (below[parent] ?? []).map { row in
            Share(
                name: SharePath.name(of: row.path),
                rate: row.rate,
                ceiling: row.ceiling,
                weight: row.weight,
                lend: row.lend,
                children: nested(below, parent: row.path)
            )
        }
    }
}
