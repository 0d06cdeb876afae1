import Gateway
import Synchronization

@testable import Directory

/// Tenants of the directory in memory: changes are planned by the real rules and then simply hold.
extension TestAdministration: TenantAdministering {
    func putTenant(
        _ document: TenantDocument,
        version: VersionCondition,
        dryRun: Bool,
        actor: String
    ) async throws -> AccountChange {
        set {
            $0.calls.append(Call(name: "putTenant \(document.name)", version: version, dryRun: dryRun, actor: actor))
        }
        guard let directory = current else { throw CancellationError() }
        let before = directory.tenant(named: document.name)
        if let before { try version.check(before) }
        if before == nil, version != .any { throw DirectoryError(.notFound, "there is no tenant") }
        let plan = try DirectoryPlan(replacing: document, over: directory)
        let raised = (before?.version ?? 0) + 1
        if !dryRun { store(Self.tenant(document, id: before?.id ?? 9, version: raised)) }
        return AccountChange(changes: plan.changes, version: dryRun ? raised - 1 : raised, isNew: before == nil)
    }

    func removeTenant(
        _ name: String,
        version: VersionCondition,
        dryRun: Bool,
        actor: String
    ) async throws -> AccountChange {
        set { $0.calls.append(Call(name: "removeTenant \(name)", version: version, dryRun: dryRun, actor: actor)) }
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
        guard let tenant = current?.tenant(named: name) else { throw DirectoryError(.notFound, "there is no tenant") }
        try version.check(tenant)
        if !dryRun { set { $0.tenants.removeAll { $0.name == name } } }
        let change = DirectoryPlan.Change(action: "delete", object: "tenant \(name)", detail: "")
        return AccountChange(changes: [change], version: tenant.version, isNew: false)
    }

    private func store(_ tenant: Tenant) {
        set { state in
            state.tenants.removeAll { $0.id == tenant.id }
            state.tenants.append(tenant)
        }
    }

    private static func tenant(_ document: TenantDocument, id: Int32, version: Int64) -> Tenant {
        Tenant(
            id: id,
            name: document.name,
            version: version,
            displayName: document.displayName,
            fromDomains: document.fromDomains,
            defaultRegion: document.defaultRegion ?? "",
            limits: document.limits,
            unknownPolicy: document.unknownPolicy,
            status: document.status,
            routes: document.regions.mapValues { Route(path: $0, lanes: [:], rate: 1) },
            sharedDomains: document.sharedDomains,
            rules: SenderRules(document.senders)
        )
    }
}

extension DirectoryError {
    /// As the store says it.
    static var queued: DirectoryError { DirectoryError(.conflict, "mail is still queued for tenant apa (4)") }
}
