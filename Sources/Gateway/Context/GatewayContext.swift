import Directory
import Hummingbird
import Logging
import NIOCore

/// The context of every request on either listener.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    let record = RequestRecord()
    /// The client's, if it is a sane one, or ours.
    var requestID = ""
    /// Whose key the request carries; set by `AuthenticationMiddleware`.
    var caller: TenantCaller?
    /// The same of an admin's key; set by `AdminAuthenticationMiddleware`.
    var admin: AdminCaller?
    /// Of a page of a dashboard; set by `PageMiddleware`.
    var session: DashboardSession?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
