import HTTPTypes
import Hummingbird

extension BodyReader {
    /// Reads a JSON body.
    ///
    /// - Parameter code: of the problem that a body with wrong members is.
    func decode<Value: Decodable>(
        _ type: Value.Type,
        from request: Request,
        record: RequestRecord,
        code: Problem.Code
    ) async throws -> Value {
        do {
            return try await withJSON(request, record: record) { try StrictJSON.decode(type, from: $0) }
        } catch var problem as Problem where problem.code == .invalidMessage {
            problem.code = code
            throw problem
        }
    }

    /// The same where a request without a body says what an empty object does.
    func decodeIfPresent<Value: Decodable>(
        _ type: Value.Type,
        from request: Request,
        record: RequestRecord,
        code: Problem.Code
    ) async throws -> Value? {
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard length > 0 || request.headers[.transferEncoding] != nil else { return nil }
        return try await decode(type, from: request, record: record, code: code)
    }
}
