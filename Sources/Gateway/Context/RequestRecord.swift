import Synchronization
import Telemetry

/// What is learned about a request on its way in, for those who look at it on its way out.
final class RequestRecord: Sendable {
    /// Looks at the request's key once more: nil where nothing can have changed, and the tenant's caller as it is now.
    typealias Recheck = @Sendable () throws -> TenantCaller?

    private struct State {
        var tenant: String?
        var message: String?
        var hasReadBody = false
        var rateLimit: RateLimitFields?
        var isOverRate = false
        var problem: String?
        var trace: TraceContext?
        var recheck: Recheck?
        var renewed: TenantCaller?
    }

    private let state = Mutex(State())

    var tenant: String? {
        get { state.withLock { $0.tenant } }
        set { state.withLock { $0.tenant = newValue } }
    }

    /// The id of the message that the request made or named.
    var message: String? {
        get { state.withLock { $0.message } }
        set { state.withLock { $0.message = newValue } }
    }

    /// What the tenant is told of its rate.
    var rateLimit: RateLimitFields? {
        get { state.withLock { $0.rateLimit } }
        set { state.withLock { $0.rateLimit = newValue } }
    }

    /// It was refused because the tenant makes too many.
    var isOverRate: Bool {
        get { state.withLock { $0.isOverRate } }
        set { state.withLock { $0.isOverRate = newValue } }
    }

    /// The request's span, where it is recorded.
    var trace: TraceContext? {
        get { state.withLock { $0.trace } }
        set { state.withLock { $0.trace = newValue } }
    }

    /// The code of the problem that was answered.
    var problem: String? {
        get { state.withLock { $0.problem } }
        set { state.withLock { $0.problem = newValue } }
    }

    /// The body was read to its end, so that the connection can take another request.
    var hasReadBody: Bool {
        get { state.withLock { $0.hasReadBody } }
        set { state.withLock { $0.hasReadBody = newValue } }
    }

    /// What `recheck` asks; set by whoever has authenticated the request.
    func recheck(by recheck: @escaping Recheck) { state.withLock { $0.recheck = recheck } }

    /// The caller as the last recheck found it, where it was not as before.
    var renewed: TenantCaller? { state.withLock { $0.renewed } }

    /// To be called when something has taken time that its client could draw out: a body, or a wait. Whoever began a request while
    /// they might must not end it when they may no longer.
    ///
    /// - Throws: the problem that a new request with the key would be.
    func recheck() throws {
        guard let recheck = state.withLock({ $0.recheck }), let caller = try recheck() else { return }
        state.withLock { $0.renewed = caller }
    }
}
