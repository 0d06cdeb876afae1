/// A response, read whole.
struct HTTPAnswer: Sendable {
    let status: Int
    let body: [UInt8]
    /// A cookie that it sets, as `name=value`.
    var cookie: String?

    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Why there is no answer.
enum HTTPFailure: Error {
    /// No connection: nothing was sent.
    case unreachable
    /// The request left, or part of it, and no answer came: what became of it isn't known.
    case unanswered
}
