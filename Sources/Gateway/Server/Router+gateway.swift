import HTTPTypes
import Hummingbird
import Telemetry

extension Router where Context == GatewayContext {
    /// A router with what every request goes through on either listener.
    static func gateway(listener: String, metrics: PrometheusMetrics) -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestIDMiddleware())
        router.add(middleware: AccessLogMiddleware(metrics: RequestMetrics(listener: listener, metrics: metrics)))
        router.add(middleware: ProblemMiddleware())
        return router
    }

    /// Answers 405 with `Allow` (RFC 9110, section 15.5.6) where a path is known and the method is not.
    /// To be called after all routes were added.
    func refuseOtherMethods() {
        let methods = Dictionary(grouping: routes, by: \.path.description)
        for (path, routes) in methods {
            var known = Set(routes.map(\.method))
            if known.contains(.get) { known.insert(.head) }
            let allow = known.map(\.rawValue).sorted().joined(separator: ", ")
            for method in Self.methods where !known.contains(method) {
                on(RouterPath(path), method: method) { _, _ -> Response in throw Problem.methodNotAllowed(allow) }
            }
        }
    }

    private static var methods: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .patch, .delete, .options, .trace] + [HTTPRequest.Method("QUERY")].compactMap { $0 }
    }
}
