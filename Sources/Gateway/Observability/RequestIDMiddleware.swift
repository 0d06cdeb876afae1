import Directory
import HTTPTypes
import Hummingbird
import Logging

/// Gives each request an id: the client's `X-Request-Id` where that is a sane one, else a new UUID. It stands in the
/// answer, in every problem and in every line of the log. And says in every answer how a tenant's rate stands.
struct RequestIDMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = Self.given(request.headers) ?? Self.make()
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request_id"] = "\(context.requestID)"
        let scope = context
        var response = try await AuditOrigin.$requestID.withValue(scope.requestID) { try await next(request, scope) }
        response.headers.requestID = context.requestID
        context.record.rateLimit?.write(into: &response.headers)
        return response
    }

    /// Up to 128 visible ASCII characters.
    private static func given(_ headers: HTTPFields) -> String? {
        guard let id = headers.requestID, (1...128).contains(id.utf8.count),
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return id
    }

    /// A random UUID (RFC 9562, section 5.4). Foundation's opens `/dev/urandom` for each.
    private static func make() -> String {
        var high = UInt64.random(in: .min ... .max)
        var low = UInt64.random(in: .min ... .max)
        high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for digit in 0..<32 {
            if [8, 12, 16, 20].contains(digit) { text.append(UInt8(ascii: "-")) }
            let nibble = UInt8((digit < 16 ? high : low) >> UInt64(60 - digit % 16 * 4) & 0xF)
            text.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
