import FoundationEssentials
import Outbound

/// A refusal by an AWS service.
public struct ServiceError: Hashable, Sendable {
    /// The HTTP status.
    public let status: Int

    /// Such as `MessageRejected`; `nil` when the answer does not say (a front end's HTML page).
    public let code: String?

    /// The service's own words. They may hold addresses.
    public let message: String?

    public init(status: Int, code: String? = nil, message: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// Reads an answer as botocore does: the code from the header `x-amzn-errortype`, else from the body's `code`, `Code` or
    /// `__type`; without what follows the first `:` or precedes the last `#`.
    init(_ response: OutboundResponse) {
        let body = try? JSONDecoder().decode(Body.self, from: Data(response.body))
        let code = response.headers["x-amzn-errortype"] ?? body?.code
        self.init(
            status: response.status,
            code: code.flatMap(Self.shortened),
            message: body?.message
        )
    }

    private static func shortened(_ code: String) -> String? {
        let start = code.prefix { $0 != ":" }
        let name = start.lastIndex(of: "#").map { start[start.index(after: $0)...] } ?? start
        return name.isEmpty ? nil : String(name.trimmed.prefix(128))
    }

    private struct Body: Decodable {
        private enum CodingKeys: String, CodingKey {
            case code, Code, type = "__type", message, Message
        }

        let code: String?
        let message: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            // A number or a list where a text should be counts as missing.
            func text(_ keys: CodingKeys...) -> String? {
                keys.lazy.compactMap { try? container.decode(String.self, forKey: $0) }.first
            }
            code = text(.code, .Code, .type)
            message = text(.message, .Message)
        }
    }
}
