import Dashboard
import HTTPTypes
import Hummingbird
import NIOCore

/// What every answer below `/dashboard` has: headers that let it run nothing but our own scripts and be framed by nobody; and
/// problems as pages.
struct PageShieldMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            guard let problem = Problem(mapping: error), request.headers[.accept]?.contains("text/html") ?? false else {
                throw error
            }
            response = Response(
                page: ProblemPage.page(title: problem.code.title, detail: problem.detail),
                status: problem.code.status
            )
            if let retryAfter = problem.retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        }
        // Frames of what tenants wrote have a stricter policy of their own.
        for (name, value) in Self.headers where response.headers[name] == nil { response.headers[name] = value }
        return response
    }

    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"

    private static let headers: [(HTTPField.Name, String)] =
        [
            (.contentSecurityPolicy, policy),
            (.xContentTypeOptions, "nosniff"),
        ]
        + [
            ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Robots-Tag", "noindex"),
        ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}

extension Response {
    /// A page, which no cache may keep.
    init(page: HTML, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page.text))
        )
    }

    /// Leads a browser on, by GET.
    init(seeOther path: String) {
        self.init(status: .seeOther, headers: [.location: path, .cacheControl: "no-store"])
    }
}
