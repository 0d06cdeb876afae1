import Hummingbird

/// Reads the JSON bodies of admin requests.
struct AdminBodyReader: Sendable {
    private let bodies: BodyReader

    init(_ configuration: GatewayConfiguration) {
        bodies = BodyReader(configuration)
    }

    /// - Parameter code: of the problem that a body with wrong members is.
    func read<Value: Decodable>(
        _ type: Value.Type,
        from request: Request,
        context: AdminContext,
        code: Problem.Code
    ) async throws -> Value {
        try await bodies.decode(type, from: request, record: context.record, code: code)
    }
}
