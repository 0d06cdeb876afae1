import Dashboard
import Directory
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The way into a dashboard and out of it, and the files that its pages need. For anybody.
struct SignInRoutes: Sendable {
    private static let path = "/dashboard/sign-in"
    private static let maximumBytes = 8 << 10

    private let gate: SessionGate
    private let directory: any DirectorySource
    private let admit: PageMiddleware.Admission
    private let attempts = SignInAttempts()
    private let bodies: BodyReader
    private let assets: [String: DashboardAsset]

    init(gate: SessionGate, directory: any DirectorySource, admit: @escaping PageMiddleware.Admission) {
        self.gate = gate
        self.directory = directory
        self.admit = admit
        bodies = BodyReader(gate.configuration, maximumBytes: Self.maximumBytes)
        assets = Dictionary(DashboardAsset.all.map { ($0.path, $0) }) { first, _ in first }
    }

    func add(to group: RouterGroup<GatewayContext>) {
        group.get("sign-in") { request, _ in try show(request) }
        group.post("sign-in") { request, context in try await signIn(request, context) }
        group.post("sign-out") { request, context in try await signOut(request, context) }
        group.get("assets/:file") { request, context in try asset(context.parameters.get("file") ?? "", request) }
    }

    /// Leads to the page where one signs in, and from there back.
    static func lead(_ request: Request) throws -> Response {
        let path = request.uri.description
        // Another site's link comes without the cookie. Followed once more from a page of ours, it comes with it.
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }), site == "cross-site" {
            return Response(page: SignInPage.bridge(to: local(path)))
        }
        return Response(seeOther: "\(Self.path)?next=\(query(local(path)))")
    }

    private func show(_ request: Request) throws -> Response {
        let next = Self.local(request.uri.queryParameters["next"].map { String($0) } ?? "/dashboard")
        let hasEnded = request.uri.queryParameters["ended"] != nil
        return Response(page: SignInPage.page(isForAdmins: gate.audience == .admins, next: next, hasEnded: hasEnded))
    }

    private func signIn(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let form = try await form(request, context)
        let next = Self.local(form["next"] ?? "/dashboard")
        func refuse(_ problem: Problem) -> Response {
            let page = SignInPage.page(isForAdmins: gate.audience == .admins, next: next, problem: problem.detail)
            var response = Response(page: page, status: problem.code.status)
            if let retryAfter = problem.retryAfter { response.headers[.retryAfter] = String(retryAfter) }
            return response
        }
        // Nobody is to be signed in by another site as somebody that they are not.
        try gate.checkOrigin(request)
        let tooMany = Problem(.rateLimited, "There were too many attempts; try again in a minute.", retryAfter: 60)
        let key = (form["key"] ?? "").filter { !$0.isWhitespace }
        var scope = context
        do {
            try admit(.bearer(key), request, &scope)
        } catch let problem as Problem where problem.code != .databaseUnavailable {
            // The key was looked for in memory, which costs next to nothing: so who has one always gets in.
            guard attempts.refuse(from: source(request, context), now: .now) else { return refuse(tooMany) }
            context.logger.notice("sign-in refused", metadata: ["code": "\(problem.code.name)"])
            return refuse(problem)
        }
        if let holder = scope.caller?.actor ?? scope.admin?.actor, !attempts.begin(by: holder, now: .now) {
            return refuse(tooMany)
        }
        let (token, _) = try await gate.begin(key: key)
        scope.logger.info("signed in at the dashboard")
        var response = Response(seeOther: next)
        response.headers[.setCookie] = gate.cookie(request, context).set(token)
        return response
    }

    private func signOut(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try gate.checkOrigin(request)
        let form = try await form(request, context)
        if let session = try await gate.session(request, context) {
            guard session.isConfirmed(by: form["csrf"] ?? "") else { throw SessionGate.foreign() }
            try await gate.end(session)
        }
        var response = Response(seeOther: Self.path)
        response.headers[.setCookie] = gate.cookie(request, context).removed
        return response
    }

    private func form(_ request: Request, _ context: GatewayContext) async throws -> [String: String] {
        try await bodies.withBytes(request, record: context.record) { bytes in
            do {
                return try URLEncodedFormDecoder().decode(
                    [String: String].self,
                    from: String(decoding: bytes, as: UTF8.self)
                )
            } catch {
                throw Problem(.invalidRequest, "the form cannot be understood")
            }
        }
    }

    private func source(_ request: Request, _ context: GatewayContext) -> SourceAddress? {
        RequestSource.address(
            peer: context.channel.remoteAddress?.ipAddress,
            headers: request.headers,
            proxies: gate.configuration.trustedProxies
        ).map { SourceAddress($0) }
    }

    private func asset(_ file: String, _ request: Request) throws -> Response {
        guard let asset = assets["/dashboard/assets/\(file)"] else { throw Problem.notFound() }
        return Response(
            status: .ok,
            headers: [.contentType: asset.type, .cacheControl: "public, max-age=31536000, immutable"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes))
        )
    }

    /// A path of the dashboard; the overview for what is none, so that nobody is led elsewhere.
    static func local(_ path: String) -> String {
        let isOurs = path == "/dashboard" || path.hasPrefix("/dashboard/") || path.hasPrefix("/dashboard?")
        let isPlain = path.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "\\" }
        guard isOurs, isPlain, path.utf8.count <= 1024, !path.hasPrefix(Self.path) else { return "/dashboard" }
        return path
    }

    private static func query(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
