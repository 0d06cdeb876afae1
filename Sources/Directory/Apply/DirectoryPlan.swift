import Capacity

/// What a change to the directory is going to do: pure, so that it can be shown, tested and thrown away.
public struct DirectoryPlan: Sendable {
    /// One line of the plan.
    public struct Change: Equatable, Sendable, CustomStringConvertible {
        /// `create`, `change`, `delete` or `leave`.
        public let action: String
        /// `account main`, `share main/AT`, `tenant apa`.
        public let object: String
        public let detail: String

        public var description: String { detail.isEmpty ? "\(action) \(object)" : "\(action) \(object): \(detail)" }

        var isEffective: Bool { action != "leave" }
    }

    public private(set) var changes: [Change] = []
    /// The accounts that change, with all the shares that they will have.
    private(set) var accounts: [AccountDocument] = []
    /// The tenants that change.
    private(set) var tenants: [TenantDocument] = []
    private(set) var removal = DirectoryRemoval()

    /// Changes something.
    public var isEffective: Bool { changes.contains(where: \.isEffective) }

    /// - Parameter prune: removes what the document does not name.
    /// - Throws: `DirectoryError` naming what contradicts what.
    init(_ document: DirectoryDocument, over current: DirectorySnapshot, prune: Bool = false) throws {
        try Self.refuseTwins(document.accounts.map(\.name), "account")
        try Self.refuseTwins(document.tenants.map(\.name), "tenant")
        for account in document.accounts {
            let old = current.account(named: account.name)
            var target = account
            if !prune { target.shares = Self.merge(account.shares, over: old?.shares ?? []) }
            let named = Set(ShareRow.flatten(account.shares).map(\.path))
            add(try AccountPlan(target: target, over: old, named: named))
        }
        for tenant in document.tenants { plan(tenant, over: current.tenant(named: tenant.name)) }
        leaveOrRemove(document, current: current, prune: prune)
        try requireRoutes(document, current: current)
        try requireOwnQueues(document, current: current)
        try requireSenders(document, current: current)
    }

    /// One tenant as it is to be; all else stays.
    init(replacing tenant: TenantDocument, over current: DirectorySnapshot) throws {
        plan(tenant, over: current.tenant(named: tenant.name))
        let document = DirectoryDocument(accounts: [], tenants: [tenant])
        try requireRoutes(document, current: current)
        try requireSenders(document, current: current)
    }

    /// One account as it is to be; all else stays.
    init(replacing account: AccountDocument, over current: DirectorySnapshot) throws {
        add(try AccountPlan(target: account, over: current.account(named: account.name)))
        let document = DirectoryDocument(accounts: [account], tenants: [])
        try requireRoutes(document, current: current)
        try requireOwnQueues(document, current: current)
        try requireSenders(document, current: current)
    }

    private mutating func add(_ account: AccountPlan) {
        changes += account.changes
        if account.isEffective { accounts.append(account.target) }
        removal.shares += account.removedShares.map { .init(account: account.target.name, path: $0) }
    }

    private mutating func plan(_ tenant: TenantDocument, over current: Tenant?) {
        let fields = current.map { TenantField.differences(from: $0, to: tenant) }
        guard fields != [] else { return }
        tenants.append(tenant)
        let detail = fields?.joined(separator: ", ") ?? ""
        let action = current == nil ? "create" : "change"
        changes.append(Change(action: action, object: "tenant \(tenant.name)", detail: detail))
    }

    private mutating func leaveOrRemove(_ document: DirectoryDocument, current: DirectorySnapshot, prune: Bool) {
        let accounts = Set(current.accounts.values.map(\.name)).subtracting(document.accounts.map(\.name)).sorted()
        let tenants = Set(current.tenants.values.map(\.name)).subtracting(document.tenants.map(\.name)).sorted()
        if prune {
            removal.accounts = accounts
            removal.tenants = tenants
        }
        for object in tenants.map({ "tenant \($0)" }) + accounts.map({ "account \($0)" }) {
            changes.append(Change(action: prune ? "delete" : "leave", object: object, detail: "not in the file"))
        }
    }

    /// Every route leads to a share that there will be: those of the document's tenants, and those that stay.
    private func requireRoutes(_ document: DirectoryDocument, current: DirectorySnapshot) throws {
        let paths = sharePaths(document, current: current)
        for tenant in document.tenants {
            for (region, path) in tenant.regions.sorted(by: { $0.key < $1.key }) where !paths.contains(path) {
                throw DirectoryError(
                    .invalid,
                    "tenant \(tenant.name): region \(region) routes to '\(path)', which is no account or share"
                )
            }
        }
        let gone = Set(document.tenants.map(\.name) + removal.tenants)
        for tenant in current.tenants.values.sorted(by: { $0.name < $1.name }) where !gone.contains(tenant.name) {
            for (region, route) in tenant.routes.sorted(by: { $0.key < $1.key }) where !paths.contains(route.path) {
                throw DirectoryError(
                    .conflict,
                    "\(route.path) cannot be removed: tenant \(tenant.name) routes region \(region) to it; "
                        + "route that elsewhere first"
                )
            }
        }
    }

    /// Two accounts that read one queue take each other's events for mail of others, and drop them.
    private func requireOwnQueues(_ document: DirectoryDocument, current: DirectorySnapshot) throws {
        let gone = Set(document.accounts.map(\.name) + removal.accounts)
        let staying = current.accounts.values.filter { !gone.contains($0.name) }.map { ($0.name, $0.sqsQueueURL) }
        var readers: [String: String] = [:]
        for (name, queue) in staying.sorted(by: { $0.0 < $1.0 }) {
            if let queue { readers[queue] = name }
        }
        for account in document.accounts {
            guard let queue = account.sqsQueueURL else { continue }
            if let other = readers.updateValue(account.name, forKey: queue) {
                throw DirectoryError(
                    .invalid,
                    "accounts \(other) and \(account.name) have the same sqs_queue_url: give each a queue of its own"
                )
            }
        }
    }

    private func sharePaths(_ document: DirectoryDocument, current: DirectorySnapshot) -> Set<String> {
        let removed = Set(removal.accounts)
        var paths: Set<String> = []
        for account in current.accounts.values.map(\.document) + document.accounts
        where !removed.contains(account.name) {
            paths.insert(account.name)
            for row in ShareRow.flatten(account.shares) { paths.insert("\(account.name)/\(row.path)") }
        }
        for share in removal.shares { paths.remove(share.name) }
        return paths
    }

    /// The document's shares, followed by those that it does not name.
    private static func merge(_ shares: [Share], over current: [Share]) -> [Share] {
        shares.map { share in
            var merged = share
            merged.children = merge(share.children, over: current.first { $0.name == share.name }?.children ?? [])
            return merged
        } + current.filter { old in !shares.contains { $0.name == old.name } }
    }

    private static func refuseTwins(_ names: [String], _ kind: String) throws {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw DirectoryError(.invalid, "\(kind) \(name) is in the file twice")
        }
    }
}
