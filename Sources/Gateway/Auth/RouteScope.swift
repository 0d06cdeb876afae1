import Directory
import HTTPTypes

/// Which scope a route of the tenant API asks for: by the first part of its path, so that no route can be added without one.
enum RouteScope {
    /// What a request needs.
    enum Need: Equatable {
        case scope(KeyScope)
        /// A path that nobody has thought of here yet.
        case everything
    }

    /// - Parameter path: the route's template, such as `/messages/{id}`.
    static func need(_ method: HTTPRequest.Method, _ path: String) -> Need {
        let parts = path.split(separator: "/")
        let isReading = method == .get || method == .head
        switch parts.first {
        case "send": return .scope(.send)
        // What changes something is cancelling, and letting one's mail go on.
        case "messages" where path.hasSuffix("/content"): return .scope(.content)
        case "messages", "reputation": return .scope(isReading ? .read : .send)
        case "events", "recipients", "recipients.csv", "reports", "usage":
            return isReading ? .scope(.read) : .everything
        // A look at SES and DNS that is asked for changes nothing of the tenant's.
        case "domains": return isReading || path.hasSuffix("/verify") ? .scope(.read) : .everything
        case "webhooks": return .scope(.webhooks)
        // Whoever may let mail go to an address again, or not any more, may have it forgotten.
        case "suppressions", "erasures": return .scope(.suppressions)
        case "templates": return .scope(.templates)
        case "keys": return .scope(.keys)
        default: return .everything
        }
    }

    /// - Throws: problem `missing_scope` that names the scope.
    static func check(_ method: HTTPRequest.Method, _ path: String, _ grant: KeyGrant) throws(Problem) {
        switch need(method, path) {
        case .scope(let scope):
            guard grant.scopes.contains(scope) else {
                throw Problem(.missingScope, "the key does not have the scope '\(scope.rawValue)'")
            }
            if grant.isTest, scope == .templates, !isReadingTemplates(method, path) {
                throw Problem(
                    .missingScope,
                    "a test key reads and renders the tenant's templates; change them with a live key"
                )
            }
        case .everything:
            guard let missing = KeyScope.allCases.first(where: { !grant.scopes.contains($0) }) else { return }
            throw Problem(.missingScope, "the key does not have the scope '\(missing.rawValue)'")
        }
    }

    /// Templates are the same for tests and for mail.
    private static func isReadingTemplates(_ method: HTTPRequest.Method, _ path: String) -> Bool {
        method == .get || method == .head || path.hasSuffix("/render")
    }
}
