import Synchronization

/// What is learned about a request on its way in, for those who look at it on its way out.
final class RequestRecord: Sendable {
    private struct State {
        var tenant: String?
        var message: String?
        var hasReadBody = false
        var rateLimit: RateLimitFields?
        var isOverRate = false
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

    /// The body was read to its end, so that the connection can take another request.
    var hasReadBody: Bool {
        get { state.withLock { $0.hasReadBody } }
        set { state.withLock { $0.hasReadBody = newValue } }
    }
}
