import HTTPTypes
import Hummingbird

/// Answers the three SES operations and, below `/_simulator`, the simulator's own routes.
struct SimulatorResponder: HTTPResponder {
    let calls: CallResponder
    let controls: ControlResponder

    init(_ simulation: Simulation) {
        calls = CallResponder(simulation: simulation)
        controls = ControlResponder(simulation: simulation)
    }

    @Sendable func respond(to request: Request, context: SimulatorContext) async throws -> Response {
        let path = request.uri.path
        switch (request.method, path) {
        case (.post, "/v2/email/outbound-emails"):
            return try await calls.respond(to: request, operation: .send, context: context)
        case (.post, "/v2/email/outbound-bulk-emails"):
            return try await calls.respond(to: request, operation: .bulk, context: context)
        case (.get, "/v2/email/account"):
            return try await calls.respond(to: request, operation: .account, context: context)
        case _ where path.hasPrefix("/_simulator/"):
            return try await controls.respond(to: request, path: path.dropFirst("/_simulator/".count))
        default:
            return calls.refusal(.unknownOperation(request.method.rawValue, path))
        }
    }
}
