/// What happens to a request in the end.
enum Reply: Sendable, Equatable {
    /// An answer; `error` is the code for `x-amzn-errortype`.
    case answer(status: Int, error: String?, body: String)
    /// RST instead of an answer.
    case reset
    /// No answer until the client leaves or the limit has passed.
    case hang(limit: Duration)

    static func failure(_ failure: ServiceFailure) -> Reply {
        .answer(status: failure.status, error: failure.code, body: #"{"message":\#(JSONText.quoted(failure.message))}"#)
    }

    static func success(_ body: String) -> Reply {
        .answer(status: 200, error: nil, body: body)
    }
}
