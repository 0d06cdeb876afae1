public import Postgres

/// Changes the directory. Every change is one transaction, serialised with all others, audited, and visible to every
/// node by the raised version.
public struct DirectoryStore: Sendable {
    private let pool: PostgresPool
    private let settling: Duration

    /// - Parameter settling: how long a gateway may still accept by the directory that it knew before a change; an
    ///   account is removed so long after the last route to it.
    public init(pool: PostgresPool, settling: Duration = .seconds(2)) {
        self.pool = pool
        self.settling = settling
    }

    /// Writes the accounts and tenants of a document.
    ///
    /// - Parameters:
    ///   - dryRun: only plans.
    ///   - prune: removes what the document does not name; else that is left alone.
    /// - Throws: `DirectoryError.invalid` or `.invalidShares` when the document contradicts itself or the directory,
    ///   `.conflict` when mail is still queued for what would be removed.
    public func apply(
        _ document: DirectoryDocument,
        dryRun: Bool = false,
        prune: Bool = false,
        actor: String
    ) async throws -> DirectoryPlan {
        let plan = try await change { directory, connection in
            let plan = try DirectoryPlan(document, over: directory, prune: prune)
            try await QueuedMail.requireNone(for: plan.removal, in: directory, on: connection)
            guard plan.isEffective, !dryRun else { return plan }
            try await write(plan, over: directory, actor: actor, on: connection)
            return plan
        }
        if !dryRun, !plan.removal.accounts.isEmpty { try await remove(accounts: plan.removal.accounts, actor: actor) }
        return plan
    }

    /// Runs `body` on the directory as it is, in a transaction that no other change can come between.
    func change<Value>(
        _ body: (DirectorySnapshot, PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await pool.withTransaction { connection in
            try await DirectoryChangeLog.begin(on: connection)
            return try await body(try await DirectoryLoader.load(connection), connection)
        }
    }

    /// All of a plan but the removal of accounts.
    func write(
        _ plan: DirectoryPlan,
        over directory: DirectorySnapshot,
        actor: String,
        on connection: PostgresConnection
    ) async throws {
        let before = try await AuditedState.read(plan.changes.map(\.object), on: connection)
        try await RemovalWriter.remove(plan.removal, from: directory, on: connection)
        for account in plan.accounts { try await AccountWriter.write(account, on: connection) }
        for tenant in plan.tenants { try await TenantWriter.write(tenant, on: connection) }
        try await LaneWriter.makeLanes(on: connection)
        let later = Set(plan.removal.accounts.map { "account \($0)" })
        try await DirectoryChangeLog.record(
            plan.changes.filter { $0.isEffective && !later.contains($0.object) }
                .map { .init(action: $0.action, object: $0.object, detail: $0.detail) },
            over: before,
            actor: actor,
            on: connection
        )
    }

    /// No route leads to the accounts any more. Gateways may still accept by what they knew, so their last mail is
    /// waited for; an account that got some stays.
    private func remove(accounts: [String], actor: String) async throws {
        try await Task.sleep(for: settling)
        try await change { directory, connection in
            let removal = DirectoryRemoval(accounts: accounts.filter { directory.account(named: $0) != nil })
            for tenant in directory.tenants.values {
                for route in tenant.routes.values where removal.accounts.contains(route.account) {
                    throw DirectoryError(
                        .conflict,
                        "account \(route.account) stays: tenant \(tenant.name) was routed to it meanwhile"
                    )
                }
                for rule in tenant.rules.all where removal.accounts.contains(rule.account) {
                    throw DirectoryError(
                        .conflict,
                        "account \(rule.account) stays: senders of tenant \(tenant.name) name it by now"
                    )
                }
            }
            try await QueuedMail.requireNone(
                for: removal,
                in: directory,
                on: connection,
                consequence: "the account stays, all else was applied"
            )
            let before = try await AuditedState.read(removal.accounts.map { "account \($0)" }, on: connection)
            for account in removal.accounts { try await RemovalWriter.remove(account: account, on: connection) }
            try await DirectoryChangeLog.record(
                removal.accounts.map { .init(action: "delete", object: "account \($0)", detail: "not in the file") },
                over: before,
                actor: actor,
                on: connection
            )
        }
    }
}
