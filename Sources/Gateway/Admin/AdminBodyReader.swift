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
        do {
            return try await bodies.withJSON(request, record: context.record) { try StrictJSON.decode(type, from: $0) }
        } catch var problem as Problem where problem.code == .invalidMessage {
            problem.code = code
            throw problem
        }
    }
}
