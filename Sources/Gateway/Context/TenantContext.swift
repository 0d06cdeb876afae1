import Directory
import FoundationEssentials
import Hummingbird

/// A tenant as it authenticated, and the directory's state by which it did.
struct TenantCaller: Sendable {
    let tenant: Tenant
    let directory: DirectorySnapshot
    let key: UUID
    /// What its key may do.
    let grant: KeyGrant
    /// For the audit.
    let actor: String
}

/// The context of a tenant's routes: there is no such context without a valid key.
struct TenantContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let record: RequestRecord
    private var caller: TenantCaller

    /// With a test key, the tenant in which its tests live.
    var tenant: Tenant { caller.tenant }
    var directory: DirectorySnapshot { caller.directory }
    /// For the audit.
    var actor: String { caller.actor }
    /// The key, as one by which others are made.
    var maker: KeyMaker { KeyMaker(id: caller.key, grant: caller.grant) }

    init(context: GatewayContext) throws {
        guard let caller = context.caller else { throw Problem.invalidKey() }
        coreContext = context.coreContext
        record = context.record
        self.caller = caller
    }

    /// The same by what the last recheck has found.
    var latest: TenantContext {
        guard let renewed = record.renewed else { return self }
        var latest = self
        latest.caller = renewed
        return latest
    }
}
