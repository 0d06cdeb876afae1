/// How one attempt ended.
enum DeliveryAnswer: Sendable, Equatable {
    /// The receiver answered.
    case status(Int, retryAfter: String?)
    /// No answer. The reason is for the tenant's log: a stable word such as `timeout`, and nothing of the request.
    case failure(String)
    /// The node is stopping; the receiver may have got the request or not.
    case interrupted
    /// There is nothing to send any more.
    case eventGone

    var statusCode: Int? {
        if case .status(let code, _) = self { code } else { nil }
    }

    var error: String? {
        if case .failure(let reason) = self { reason } else { nil }
    }
}
