import Postgres

extension DirectoryStore {
    /// Plans an account as it is to be and, unless this is a dry run, writes it, inside the caller's transaction.
    func replace(
        _ current: Account?,
        with target: AccountDocument,
        version: VersionCondition,
        dryRun: Bool,
        actor: String,
        directory: DirectorySnapshot,
        connection: PostgresConnection
    ) async throws -> AccountChange {
        if let current { try version.check(current) }
        let plan = try DirectoryPlan(replacing: target, over: directory)
        try await QueuedMail.requireNone(for: plan.removal, in: directory, on: connection)
        let before = current?.version ?? 0
        guard plan.isEffective, !dryRun else {
            return AccountChange(changes: plan.changes, version: before, isNew: current == nil)
        }
        try await write(plan, over: directory, actor: actor, on: connection)
        return AccountChange(changes: plan.changes, version: before + 1, isNew: current == nil)
    }
}
