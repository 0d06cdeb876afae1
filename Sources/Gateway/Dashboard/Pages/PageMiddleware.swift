import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Lets those see a dashboard's pages who are signed in; leads the others to the page where they sign in, and back.
struct PageMiddleware: RouterMiddleware {
    /// Notes whose key the session was begun with, or throws what is wrong with it.
    typealias Admission = @Sendable (RequestKey, Request, inout GatewayContext) throws -> Void

    let gate: SessionGate
    let admit: Admission

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        do {
            guard let session = try await gate.session(request, context) else { throw Problem.sessionEnded() }
            let key = RequestKey.session(session)
            try admit(key, request, &context)
            context.session = session
            let (scope, admit) = (context, admit)
            context.record.recheck {
                var scope = scope
                try admit(key, request, &scope)
                return nil
            }
        } catch let problem as Problem where problem.code == .invalidKey || problem.code == .sourceNotAllowed {
            guard Self.isForAPerson(request) else { throw problem }
            return try SignInRoutes.lead(request)
        }
        return try await next(request, context)
    }

    /// A page, and not something that a page of ours asks for by itself.
    private static func isForAPerson(_ request: Request) -> Bool {
        guard request.method == .get || request.method == .head else { return false }
        let isRefresh = HTTPField.Name("X-Refresh").map(request.headers.contains) ?? false
        return !isRefresh && request.headers[.accept] != "text/event-stream" && !request.uri.path.hasSuffix("/session")
    }
}
