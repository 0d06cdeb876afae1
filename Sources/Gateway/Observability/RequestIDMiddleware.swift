import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging

/// Gives each request an id: the client's `X-Request-Id` where that is a sane one, else a new UUID. It stands in the
/// answer, in every problem and in every line of the log.
struct RequestIDMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = Self.given(request.headers) ?? UUID().uuidString.lowercased()
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request_id"] = "\(context.requestID)"
        var response = try await next(request, context)
        response.headers.requestID = context.requestID
        return response
    }

    /// Up to 128 visible ASCII characters.
    private static func given(_ headers: HTTPFields) -> String? {
        guard let id = headers.requestID, (1...128).contains(id.utf8.count),
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return id
    }
}
