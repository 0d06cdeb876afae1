import Mail
import Outbox

/// What is answered for one message.
enum SendAnswer {
    /// - Parameter verdict: nil where there is none, which is a refusal.
    static func decided(_ id: String, _ verdict: MessageVerdict?) -> JSONValue {
        switch verdict {
        case .accepted(let status): .object([("id", .string(id)), ("status", .string(status.rawValue))])
        case .overLimit(let refusal): refused(Problem(refusal))
        case .refused, nil: refused(.refusedByDatabase())
        }
    }

    static func refused(_ problem: Problem) -> JSONValue {
        .object([("error", problem.json())])
    }
}
