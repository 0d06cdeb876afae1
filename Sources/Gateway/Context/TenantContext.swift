import Directory
import Hummingbird

/// A tenant as it authenticated, and the directory's state by which it did.
struct TenantCaller: Sendable {
    let tenant: Tenant
    let directory: DirectorySnapshot
    /// What its key may do.
    let grant: KeyGrant
    /// For the audit.
    let actor: String
}

/// The context of a tenant's routes: there is no such context without a valid key.
struct TenantContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let record: RequestRecord
    /// With a test key, the tenant in which its tests live.
    let tenant: Tenant
    let directory: DirectorySnapshot
    let grant: KeyGrant
    let actor: String

    init(context: GatewayContext) throws {
        guard let caller = context.caller else { throw Problem.invalidKey() }
        coreContext = context.coreContext
        record = context.record
        tenant = caller.tenant
        directory = caller.directory
        grant = caller.grant
        actor = caller.actor
    }
}
