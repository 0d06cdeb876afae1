import HTTPTypes
import Hummingbird
import NIOCore
import Telemetry

/// `/livez`, `/healthz` (the same) and `/readyz`, without a key. The status is the contract; `?verbose` is for people.
struct HealthRoutes: Sendable {
    let readiness: Readiness

    func add(to router: Router<GatewayContext>) {
        for path: RouterPath in ["livez", "healthz"] {
            router.get(path) { request, _ in
                Self.isVerbose(request) ? Self.text("alive\n", .ok) : Response(.object([("status", .string("alive"))]))
            }
        }
        router.get("readyz") { request, _ in try ready(request) }
    }

    private func ready(_ request: Request) throws -> Response {
        let report = readiness.report
        if Self.isVerbose(request) {
            let checks = report.checks.sorted { $0.key < $1.key }
            let lines = ["phase: \(report.phase.rawValue)"] + checks.map { "\($0.key): \($0.value.description)" }
            let text = lines.map { $0 + "\n" }.joined()
            return Self.text(text, report.isReady ? .ok : .serviceUnavailable)
        }
        guard !report.isReady else { return Response(.object([("status", .string("ready"))])) }
        switch report.phase {
        case .draining: throw Problem(.draining, "this node is being stopped", retryAfter: 1)
        case .starting: throw Problem(.starting, "this node is starting", retryAfter: 1)
        case .ready:
            let failing = report.checks.filter { $0.value != .passing }.keys.sorted().joined(separator: ", ")
            throw Problem(.databaseUnavailable, "not working just now: \(failing)", retryAfter: 2)
        }
    }

    private static func isVerbose(_ request: Request) -> Bool {
        request.uri.queryParameters["verbose"] != nil || request.uri.query == "verbose"
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status) -> Response {
        var headers: HTTPFields = [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"]
        if status == .serviceUnavailable { headers[.retryAfter] = "1" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
