import HTTPTypes
import Hummingbird

/// Answers SES's operations and, below `/_simulator`, the simulator's own routes.
struct SimulatorResponder: HTTPResponder {
    let calls: CallResponder
    let account: AccountResponder
    let identities: IdentityResponder
    let controls: ControlResponder
    let events: EventResponder

    init(_ simulation: Simulation) {
        calls = CallResponder(simulation: simulation)
        account = AccountResponder(simulation: simulation)
        identities = IdentityResponder(simulation: simulation)
        controls = ControlResponder(simulation: simulation)
        events = EventResponder(simulation: simulation)
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
            let route = path.dropFirst("/_simulator/".count)
            if let response = events.respond(to: request, path: route) { return response }
            return try await controls.respond(to: request, path: route)
        default:
            if let response = try await identities.respond(to: request, path: path) { return response }
            if let response = try await account.respond(to: request, path: path) { return response }
            return calls.refusal(.unknownOperation(request.method.rawValue, path))
        }
    }
}
