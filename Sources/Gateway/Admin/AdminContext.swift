import Hummingbird

/// An admin as they authenticated.
struct AdminCaller: Sendable {
    /// What its maker called the key.
    let label: String
    /// For the audit.
    let actor: String
}

/// The context of the admin's routes: there is no such context without a valid admin key.
struct AdminContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let record: RequestRecord
    let actor: String

    init(context: GatewayContext) throws {
        guard let admin = context.admin else { throw Problem.invalidAdminKey() }
        coreContext = context.coreContext
        record = context.record
        actor = admin.actor
    }

    /// The path's parameter `name`.
    var name: String { parameters.get("name") ?? "" }
}
