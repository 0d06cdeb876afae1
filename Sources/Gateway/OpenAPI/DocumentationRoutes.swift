import HTTPTypes
import Hummingbird
import NIOCore

/// `/openapi.json` and the pages under `/docs`, for anybody.
struct DocumentationRoutes: Sendable {
    let site: DocumentationSite

    func add(to router: Router<GatewayContext>) {
        router.get("openapi.json") { _, _ in try answer("/openapi.json") }
        router.get("docs") { _, _ in try answer("/docs") }
        router.get("docs/problems") { _, _ in try answer("/docs/problems") }
        router.get("docs/:page") { _, context in try answer("/docs/\(context.parameters.get("page") ?? "")") }
        router.get("docs/problems/:code") { _, context in
            try answer("/docs/problems/\(context.parameters.get("code") ?? "")")
        }
    }

    private func answer(_ path: String) throws -> Response {
        guard let file = try site.file(path) else { throw Problem.notFound() }
        var headers: HTTPFields = [
            .contentType: file.type, .cacheControl: "public, max-age=300", .contentSecurityPolicy: Self.policy,
            .xContentTypeOptions: "nosniff",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes))
        )
    }

    /// Pages have a stylesheet of ours and nothing else.
    private static let policy =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
