import Directory
import Hummingbird

/// A tenant as it authenticated, and the directory's state by which it did.
struct TenantCaller: Sendable {
    let tenant: Tenant
    let directory: DirectorySnapshot
    /// For the audit.
    let actor: String
}

/// The context of a tenant's routes: there is no such context without a valid key.
struct TenantContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let record: RequestRecord
    let tenant: Tenant
    let directory: DirectorySnapshot
    let actor: String

    init(context: GatewayContext) throws {
        guard let caller = context.caller else { throw Problem.invalidKey() }
        coreContext = context.coreContext
        record = context.record
        tenant = caller.tenant
        directory = caller.directory
        actor = caller.actor
    }
}
