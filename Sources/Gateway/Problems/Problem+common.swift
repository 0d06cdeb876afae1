import HTTPTypes
import Mail

extension Problem {
    static func invalidKey(_ detail: String = "send a key of the tenant as 'Authorization: Bearer KEY'") -> Problem {
        Problem(
            .invalidKey,
            detail,
            headers: [.wwwAuthenticate: "Bearer"]
        )
    }

    static func invalidAdminKey() -> Problem { invalidKey("send an admin's key as 'Authorization: Bearer KEY'") }

    static func notFound(_ detail: String = "there is nothing at this path") -> Problem {
        Problem(.notFound, detail)
    }

    /// The same for an id that is malformed, unknown or another tenant's.
    static func messageNotFound() -> Problem {
        Problem(.notFound, "there is no message with this id")
    }

    /// - Parameter allow: the `Allow` header's value.
    static func methodNotAllowed(_ allow: String) -> Problem {
        Problem(.methodNotAllowed, "this path takes \(allow)", headers: [.allow: allow])
    }

    static func databaseUnavailable() -> Problem {
        Problem(.databaseUnavailable, "the database cannot be reached just now; try again", retryAfter: 2)
    }

    static func tooSlow() -> Problem {
        Problem(.overloaded, "the answer took too long to find; ask for less of it, or try again", retryAfter: 5)
    }

    static func draining() -> Problem {
        Problem(
            .draining,
            "this node is being stopped; send the request again, to another one",
            retryAfter: 1,
            closesConnection: true
        )
    }

    static func invalidMessage(_ failures: [ValidationFailure]) -> Problem {
        let detail: String
        if failures.count == 1, let only = failures.first {
            detail = only.pointer.isEmpty ? only.detail : "\(only.pointer): \(only.detail)"
        } else {
            detail = "\(failures.count) things are wrong with the message"
        }
        return Problem(.invalidMessage, detail, errors: failures)
    }

    static func refusedByDatabase() -> Problem {
        Problem(.invalidMessage, "the message holds something that cannot be stored")
    }

    static func pausedForReputation(account: String) -> Problem {
        Problem(
            .tenantPaused,
            "mail through account \(account) is paused because too much of it bounced or led to complaints; see GET /reputation, "
                + "and POST /reputation/resume once the cause is gone"
        )
    }

    static func internalError() -> Problem {
        Problem(.internalError, "the request failed on our side; its id leads to the reason in our logs")
    }
}
