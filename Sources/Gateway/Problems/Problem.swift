import HTTPTypes
import Mail

/// An error answer (RFC 9457). Everything that is not a success leaves the gateway as one of these.
struct Problem: Error, Sendable {
    var code: Code
    /// What is wrong with this very request, for the person who wrote it.
    var detail: String
    /// What is wrong with the request's members, by JSON pointer.
    var errors: [ValidationFailure] = []
    /// Whole seconds, for 429 and 503.
    var retryAfter: Int?
    var headers: HTTPFields = [:]
    /// Whether the connection takes no further request.
    var closesConnection = false

    init(
        _ code: Code,
        _ detail: String,
        errors: [ValidationFailure] = [],
        retryAfter: Int? = nil,
        headers: HTTPFields = [:],
        closesConnection: Bool = false
    ) {
        self.code = code
        self.detail = detail
        self.errors = errors
        self.retryAfter = retryAfter
        self.headers = headers
        self.closesConnection = closesConnection
    }

    /// The same with pointers into the document that holds at `pointer` what this problem is about.
    func at(_ pointer: String) -> Problem {
        var problem = self
        problem.errors = errors.map { ValidationFailure(pointer: pointer + $0.pointer, detail: $0.detail) }
        return problem
    }
}
