import HTTPTypes
import Hummingbird

/// `POST /feedback/sns/{account}`, without a key: what it carries is signed. SNS gives up on a notification that it is
/// answered with most of 4xx, so whatever may pass is 503.
struct FeedbackRoutes: Sendable {
    /// SNS sends 256 KiB at most, in an envelope that may double quotes.
    private static let maximumBytes = 512 << 10

    private let bodies: BodyReader
    private let handle: FeedbackHandling

    init(configuration: GatewayConfiguration, handle: @escaping FeedbackHandling) {
        bodies = BodyReader(configuration, maximumBytes: Self.maximumBytes)
        self.handle = handle
    }

    func add(to group: RouterGroup<GatewayContext>) {
        group.post("feedback/sns/:account") { request, context in try await take(request, context) }
    }

    private func take(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let account = context.parameters.get("account").flatMap(PathText.decode) else {
            throw Problem.notFound("there is no such account")
        }
        try Self.checkType(request.headers)
        let answer: FeedbackAnswer
        do {
            answer = try await bodies.withBytes(request, record: context.record) { body in
                await handle(
                    FeedbackDelivery(account: account, headers: Self.fields(request.headers), body: body)
                )
            }
        } catch let problem as Problem where problem.code != .tooLarge && problem.code != .draining {
            throw Problem(
                .overloaded,
                problem.detail,
                retryAfter: 5,
                closesConnection: problem.closesConnection
            )
        }
        switch answer {
        case .accepted: return Response(.object([("status", .string("accepted"))]))
        case .refused(let status, let code, let detail): throw Problem(.notification(code, status), detail)
        case .busy(let seconds):
            throw Problem(.overloaded, "the notification cannot be taken just now; send it again", retryAfter: seconds)
        }
    }

    /// SNS says `text/plain`, whatever the body is.
    private static func checkType(_ headers: HTTPFields) throws {
        guard let value = headers[.contentType] else { return }
        let type = value.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard ["text/plain", "application/json"].contains(type) else {
            throw Problem(.unsupportedMediaType, "send the notification as SNS does: text/plain or application/json")
        }
    }

    private static func fields(_ headers: HTTPFields) -> [String: String] {
        Dictionary(headers.map { ($0.name.canonicalName, $0.value) }) { "\($0), \($1)" }
    }
}
