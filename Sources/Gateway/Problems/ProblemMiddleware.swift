import HTTPTypes
import Hummingbird
import Logging

/// Turns every error into a problem answer.
struct ProblemMiddleware: RouterMiddleware {
    /// What is left of a request that was refused unread is skipped up to here; beyond, the connection is closed.
    private static let skippedBytes = 64 << 10

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let problem: Problem
        do {
            return try await next(request, context)
        } catch {
            problem = Problem(mapping: error) ?? unexpected(error, context)
        }
        context.record.problem = problem.code.name
        var response = problem.response(requestID: context.requestID)
        if request.method == .head { response = response.createHeadResponse() }
        let closes = problem.closesConnection || (!context.record.hasReadBody && leavesMuchUnread(request))
        return closes ? response.closing(context.channel) : response
    }

    private func unexpected(_ error: any Error, _ context: GatewayContext) -> Problem {
        context.logger.error("request failed", metadata: ["error": "\(error)"])
        return .internalError()
    }

    private func leavesMuchUnread(_ request: Request) -> Bool {
        if request.headers[.transferEncoding] != nil { return true }
        guard let length = request.headers[.contentLength] else { return false }
        return Int(length).map { $0 > Self.skippedBytes } ?? true
    }
}
