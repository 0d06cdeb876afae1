import Capacity

/// What `apply` is going to do: pure, so that it can be shown, tested and thrown away.
public struct DirectoryPlan: Sendable {
    /// One line of the plan.
    public struct Change: Equatable, Sendable, CustomStringConvertible {
        /// `create`, `change` or `leave`.
        public let action: String
        /// `account main`, `share main/AT`, `tenant apa`, `route apa/AT`.
        public let object: String
        public let detail: String

        public var description: String { detail.isEmpty ? "\(action) \(object)" : "\(action) \(object): \(detail)" }
    }

    public private(set) var changes: [Change] = []
    /// The accounts with shares as they will be: those of the document, and those that it leaves alone.
    private(set) var accounts: [AccountDocument] = []
    private(set) var tenants: [TenantDocument] = []

    /// Changes something.
    public var isEffective: Bool { changes.contains { $0.action != "leave" } }

    /// - Throws: `DirectoryError.invalid` naming what contradicts what.
    init(_ document: DirectoryDocument, over current: DirectorySnapshot) throws {
        try Self.refuseTwins(document.accounts.map(\.name), "account")
        try Self.refuseTwins(document.tenants.map(\.name), "tenant")
        for account in document.accounts { try plan(account, over: current.account(named: account.name)) }
        let paths = Self.sharePaths(current: current, planned: accounts)
        for tenant in document.tenants {
            try plan(tenant, over: current.tenant(named: tenant.name), sharePaths: paths)
        }
        for account in current.accounts.values.sorted(by: { $0.name < $1.name })
        where !document.accounts.contains(where: { $0.name == account.name }) {
            changes.append(Change(action: "leave", object: "account \(account.name)", detail: "not in the file"))
        }
        for tenant in current.tenants.values.sorted(by: { $0.name < $1.name })
        where !document.tenants.contains(where: { $0.name == tenant.name }) {
            changes.append(Change(action: "leave", object: "tenant \(tenant.name)", detail: "not in the file"))
        }
    }

    private mutating func plan(_ account: AccountDocument, over current: Account?) throws {
        var merged = account
        merged.shares = Self.merge(account.shares, over: current?.shares ?? [])
        do {
            _ = try merged.tree()
        } catch {
            throw DirectoryError(.invalid, "account \(account.name): \(error)")
        }
        accounts.append(merged)
        let fields = AccountField.differences(from: current?.document, to: merged)
        if current == nil {
            changes.append(Change(action: "create", object: "account \(account.name)", detail: ""))
        } else if !fields.isEmpty {
            changes.append(
                Change(action: "change", object: "account \(account.name)", detail: fields.joined(separator: ", "))
            )
        }
        let before = ShareRow.flatten(current?.shares ?? [])
        let asked = Set(ShareRow.flatten(account.shares).map(\.path))
        for row in ShareRow.flatten(merged.shares) {
            let object = "share \(account.name)/\(row.path)"
            let old = before.first { $0.path == row.path }
            if let old, old.share != row.share {
                changes.append(Change(action: "change", object: object, detail: row.difference(from: old)))
            } else if old == nil {
                changes.append(Change(action: "create", object: object, detail: row.summary))
            } else if !asked.contains(row.path) {
                changes.append(Change(action: "leave", object: object, detail: "not in the file"))
            }
        }
    }

    private mutating func plan(_ tenant: TenantDocument, over current: Tenant?, sharePaths: Set<String>) throws {
        for (region, path) in tenant.regions where !sharePaths.contains(path) {
            throw DirectoryError(
                .invalid,
                "tenant \(tenant.name): region \(region) routes to '\(path)', which is no account or share"
            )
        }
        for (region, path) in tenant.regions.sorted(by: { $0.key < $1.key }) {
            try requireCredits(path, region: region, tenant: tenant.name)
        }
        tenants.append(tenant)
        guard let current else {
            changes.append(Change(action: "create", object: "tenant \(tenant.name)", detail: ""))
            return
        }
        let fields = TenantField.differences(from: current, to: tenant)
        if !fields.isEmpty {
            changes.append(
                Change(action: "change", object: "tenant \(tenant.name)", detail: fields.joined(separator: ", "))
            )
        }
    }

    /// A lane of a share that has no credits of its own would take mail and never send it.
    private func requireCredits(_ path: String, region: String, tenant: String) throws {
        let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
        guard let account = accounts.first(where: { $0.name == parts[0] }), let tree = try? account.tree() else {
            return
        }
        let paths = Dictionary(uniqueKeysWithValues: tree.nodes.map { ($0.path, Int32(0)) })
        for stream in StreamName.all {
            let start = parts.count > 1 ? parts[1] : ""
            let destination = SharePath.destination(of: start, tenant: tenant, stream: stream, in: paths)
            guard let index = tree.index(of: destination), tree.nodes[index].ownRate == 0 else { continue }
            if destination.isEmpty, account.quota == .auto { continue }
            throw DirectoryError(
                .invalid,
                "tenant \(tenant): region \(region) routes to '\(path)', which has no credits of its own (its shares take "
                    + "them all, or its rate is 0, and idle shares are not lent yet): give it a rate, or route elsewhere"
            )
        }
    }

    /// The document's shares, followed by those that it does not name.
    private static func merge(_ shares: [Share], over current: [Share]) -> [Share] {
        shares.map { share in
            var merged = share
            merged.children = merge(share.children, over: current.first { $0.name == share.name }?.children ?? [])
            return merged
        } + current.filter { old in !shares.contains { $0.name == old.name } }
    }

    private static func sharePaths(current: DirectorySnapshot, planned: [AccountDocument]) -> Set<String> {
        var paths: Set<String> = []
        for account in current.accounts.values.map(\.document) + planned {
            paths.insert(account.name)
            for row in ShareRow.flatten(account.shares) { paths.insert("\(account.name)/\(row.path)") }
        }
        return paths
    }

    private static func refuseTwins(_ names: [String], _ kind: String) throws {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw DirectoryError(.invalid, "\(kind) \(name) is in the file twice")
        }
    }
}
