extension DirectoryStore {
    /// Makes an account, or replaces all of one but its shares and whether it is paused.
    ///
    /// - Throws: `DirectoryError.invalidShares` when the shares that it has do not fit into the new quota,
    ///   `.notFound` when a certain version of an account is asked for that does not exist.
    public func putAccount(
        _ name: String,
        _ settings: AccountSettings,
        version: VersionCondition = .any,
        dryRun: Bool = false,
        actor: String
    ) async throws -> AccountChange {
        try await change { directory, connection in
            let current = directory.account(named: name)
            if current == nil, version != .any { _ = try AccountEdit.find(name, in: directory) }
            let target = try AccountEdit.put(settings, name: name, over: current)
            return try await replace(
                current,
                with: target,
                version: version,
                dryRun: dryRun,
                actor: actor,
                directory: directory,
                connection: connection
            )
        }
    }

    /// Replaces an account's whole share tree. What the new one lacks is removed.
    ///
    /// - Throws: `DirectoryError.notFound`, `.staleVersion`, `.invalidShares`, and `.conflict` when mail is queued in,
    ///   or a route leads to, a share that would be removed.
    public func putShares(
        account name: String,
        shares: ShareTreeDocument,
        version: VersionCondition,
        dryRun: Bool = false,
        actor: String
    ) async throws -> AccountChange {
        try await edit(name, version: version, dryRun: dryRun, actor: actor) { AccountEdit.put(shares.shares, of: $0) }
    }

    /// Changes one share.
    ///
    /// - Parameter path: below the account, such as `UK/apa`.
    /// - Throws: `DirectoryError.notFound`, `.staleVersion`, `.invalidShares`.
    public func patchShare(
        account name: String,
        path: String,
        change: ShareChange,
        version: VersionCondition = .any,
        dryRun: Bool = false,
        actor: String
    ) async throws -> AccountChange {
        try await edit(name, version: version, dryRun: dryRun, actor: actor) {
            try AccountEdit.patch(path, change, of: $0)
        }
    }

    /// Stops all sending of an account, or lets it go on. Mail is accepted all the same, and waits.
    ///
    /// - Throws: `DirectoryError.notFound`, `.staleVersion`.
    public func setPaused(
        account name: String,
        _ isPaused: Bool,
        version: VersionCondition = .any,
        actor: String
    ) async throws -> AccountChange {
        try await change { directory, connection in
            let account = try AccountEdit.find(name, in: directory)
            try version.check(account)
            guard account.isPaused != isPaused else {
                return AccountChange(changes: [], version: account.version, isNew: false)
            }
            let action = isPaused ? "pause" : "resume"
            let before = try await AuditedState.read(["account \(name)"], on: connection)
            let raised = try await AccountWriter.setPaused(account.id, isPaused, on: connection)
            try await DirectoryChangeLog.record(
                [.init(action: action, object: "account \(name)")],
                over: before,
                actor: actor,
                on: connection
            )
            return AccountChange(
                changes: [DirectoryPlan.Change(action: action, object: "account \(name)", detail: "")],
                version: raised,
                isNew: false
            )
        }
    }

    private func edit(
        _ name: String,
        version: VersionCondition,
        dryRun: Bool,
        actor: String,
        _ edit: (Account) throws -> AccountDocument
    ) async throws -> AccountChange {
        try await change { directory, connection in
            let account = try AccountEdit.find(name, in: directory)
            return try await replace(
                account,
                with: try edit(account),
                version: version,
                dryRun: dryRun,
                actor: actor,
                directory: directory,
                connection: connection
            )
        }
    }
}
