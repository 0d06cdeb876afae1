import Directory
import Hummingbird

/// The context of a dashboard's pages: there is no such context without a session.
struct PageContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let record: RequestRecord
    let session: DashboardSession
    /// Of an admin's session.
    let admin: AdminCaller?
    /// Of a tenant's.
    let caller: TenantCaller?

    init(context: GatewayContext) throws {
        guard let session = context.session else { throw Problem.sessionEnded() }
        coreContext = context.coreContext
        record = context.record
        self.session = session
        admin = context.admin
        caller = context.caller
    }

    /// The path's parameter `name`.
    var name: String { parameters.get("name").flatMap(PathText.decode) ?? "" }
}
