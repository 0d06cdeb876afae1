import Capacity

/// What becomes of one account: pure, a part of `DirectoryPlan`.
struct AccountPlan {
    /// The account with all the shares that it will have.
    let target: AccountDocument
    let changes: [DirectoryPlan.Change]
    /// Shares that go, by path.
    let removedShares: [String]

    var isEffective: Bool { changes.contains(where: \.isEffective) }

    /// - Parameters:
    ///   - target: the account with all the shares that it will have.
    ///   - named: the shares that the change speaks of; the others are left alone. Nil: all.
    /// - Throws: `DirectoryError.invalidShares` with the share and its sums.
    init(target: AccountDocument, over current: Account?, named: Set<String>? = nil) throws {
        do {
            _ = try target.tree()
        } catch {
            throw DirectoryError(.invalidShares, "account \(target.name): \(error)", sharePath: error.path)
        }
        self.target = target
        let before = ShareRow.flatten(current?.shares ?? [])
        let after = ShareRow.flatten(target.shares)
        let rows = Dictionary(uniqueKeysWithValues: before.map { ($0.path, $0) })
        let kept = Set(after.map(\.path))
        removedShares = before.map(\.path).filter { !kept.contains($0) }
        changes =
            Self.accountChanges(target, over: current, order: Self.isReordered(before, after, kept: kept))
            + after.compactMap { row in
                Self.change(of: row, from: rows[row.path], account: target.name, isNamed: named?.contains(row.path))
            }
            + removedShares.map {
                DirectoryPlan.Change(action: "delete", object: "share \(target.name)/\($0)", detail: "")
            }
    }

    private static func accountChanges(
        _ target: AccountDocument,
        over current: Account?,
        order: Bool
    ) -> [DirectoryPlan.Change] {
        let object = "account \(target.name)"
        guard let current else { return [DirectoryPlan.Change(action: "create", object: object, detail: "")] }
        let fields =
            AccountField.differences(from: current.document, to: target) + (order ? ["the order of its shares"] : [])
        guard !fields.isEmpty else { return [] }
        return [DirectoryPlan.Change(action: "change", object: object, detail: fields.joined(separator: ", "))]
    }

    private static func change(
        of row: ShareRow,
        from old: ShareRow?,
        account: String,
        isNamed: Bool?
    ) -> DirectoryPlan.Change? {
        let object = "share \(account)/\(row.path)"
        guard let old else { return DirectoryPlan.Change(action: "create", object: object, detail: row.summary) }
        let difference = row.difference(from: old)
        if !difference.isEmpty { return DirectoryPlan.Change(action: "change", object: object, detail: difference) }
        guard isNamed == false else { return nil }
        return DirectoryPlan.Change(action: "leave", object: object, detail: "not in the file")
    }

    private static func isReordered(_ before: [ShareRow], _ after: [ShareRow], kept: Set<String>) -> Bool {
        let known = Set(before.map(\.path))
        return before.map(\.path).filter(kept.contains) != after.map(\.path).filter(known.contains)
    }
}
