extension DirectoryStore {
    /// Makes a tenant, or replaces all that is configured of one. Its keys and its mail stay.
    ///
    /// - Throws: `DirectoryError.invalid` when a region leads to no share, `.staleVersion`, `.notFound` when a certain version of
    ///   a tenant is asked for that does not exist.
    public func putTenant(
        _ document: TenantDocument,
        version: VersionCondition = .any,
        dryRun: Bool = false,
        actor: String
    ) async throws -> AccountChange {
        try await change { directory, connection in
            let current = directory.tenant(named: document.name)
            if let current { try version.check(current) }
            if current == nil, version != .any { throw Self.noTenant(document.name) }
            let plan = try DirectoryPlan(replacing: document, over: directory)
            let before = current?.version ?? 0
            guard plan.isEffective, !dryRun else {
                return AccountChange(changes: plan.changes, version: before, isNew: current == nil)
            }
            try await write(plan, over: directory, actor: actor, on: connection)
            return AccountChange(changes: plan.changes, version: before + 1, isNew: current == nil)
        }
    }

    /// Stops a tenant's mail from being accepted, or lets it be.
    ///
    /// - Throws: `DirectoryError.notFound`.
    public func setStatus(
        _ status: TenantDocument.Status,
        tenant name: String,
        actor: String
    ) async throws -> AccountChange {
        try await change { directory, connection in
            guard let tenant = directory.tenant(named: name) else { throw Self.noTenant(name) }
            var document = tenant.document
            document.status = status
            let plan = try DirectoryPlan(replacing: document, over: directory)
            guard plan.isEffective else {
                return AccountChange(changes: [], version: tenant.version, isNew: false)
            }
            try await write(plan, over: directory, actor: actor, on: connection)
            return AccountChange(changes: plan.changes, version: tenant.version + 1, isNew: false)
        }
    }

    /// Removes a tenant with its keys, webhooks, templates and suppressions. What it has sent is kept for as long as mail is.
    ///
    /// - Throws: `DirectoryError.notFound`, `.staleVersion`, and `.conflict` while mail of it is queued.
    public func removeTenant(
        _ name: String,
        version: VersionCondition = .any,
        dryRun: Bool = false,
        actor: String
    ) async throws -> AccountChange {
        try await change { directory, connection in
            guard let tenant = directory.tenant(named: name) else { throw Self.noTenant(name) }
            try version.check(tenant)
            let removal = DirectoryRemoval(tenants: [name])
            try await QueuedMail.requireNone(for: removal, in: directory, on: connection)
            let change = DirectoryPlan.Change(action: "delete", object: "tenant \(name)", detail: "")
            if !dryRun {
                let before = try await AuditedState.read([change.object], on: connection)
                try await RemovalWriter.remove(removal, from: directory, on: connection)
                try await DirectoryChangeLog.record(
                    [.init(action: change.action, object: change.object)],
                    over: before,
                    actor: actor,
                    on: connection
                )
            }
            return AccountChange(changes: [change], version: tenant.version, isNew: false)
        }
    }

    private static func noTenant(_ name: String) -> DirectoryError {
        DirectoryError(.notFound, "there is no tenant '\(name)'")
    }
}
