import Directory
import Hummingbird
import Mail

/// `/templates`: what tenants store once and fill for each mail.
struct TemplateRoutes: Sendable {
    /// A template of SES's largest size, whatever must be escaped of it.
    private static let bodyBytes = 4 << 20

    private let services: TemplateServices
    private let bodies: BodyReader
    private let maximumMessageBytes: Int

    init(services: TemplateServices, configuration: GatewayConfiguration) {
        self.services = services
        bodies = BodyReader(configuration, maximumBytes: Self.bodyBytes)
        maximumMessageBytes = configuration.maximumMessageBytes
    }

    func add(to group: RouterGroup<TenantContext>) {
        let templates = group.group("templates")
        templates.get { request, context in try await list(request, context) }
        templates.post { request, context in try await create(request, context) }
        templates.get(":name") { request, context in try await get(request, context) }
        templates.put(":name") { request, context in try await replace(request, context) }
        templates.delete(":name") { request, context in try await delete(request, context) }
        templates.get(":name/versions") { request, context in try await versions(request, context) }
        templates.get(":name/versions/:version") { request, context in try await version(request, context) }
        templates.post(":name/render") { request, context in try await render(request, context) }
    }

    private func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try PageQuery<String>(request)
        let entries = try await services.store.templates(
            tenantID: context.tenant.ownerID,
            limit: query.limit + 1,
            after: query.after,
            before: query.before
        )
        return Response(query.page(reading: entries).json(\.json))
    }

    private func create(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let wanted = try await wanted(request, context)
        guard let name = wanted.name else {
            throw Problem(
                .invalidTemplate,
                "/name: is missing",
                errors: [ValidationFailure(pointer: "/name", detail: "is missing")]
            )
        }
        let made = try await services.store.create(name, wanted.source, tenantID: context.tenant.ownerID)
        return Response(made.json, status: .created)
    }

    private func replace(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let name = try name(context)
        let wanted = try await wanted(request, context)
        if let other = wanted.name, other != name {
            throw Problem(
                .invalidTemplate,
                "/name: a template keeps its name",
                errors: [ValidationFailure(pointer: "/name", detail: "a template keeps its name")]
            )
        }
        guard let made = try await services.store.replace(name, wanted.source, tenantID: context.tenant.ownerID) else {
            throw Self.notFound()
        }
        return Response(made.json)
    }

    private func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        return Response(try await stored(try name(context), version: nil, context).json)
    }

    private func delete(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        guard try await services.store.delete(try name(context), tenantID: context.tenant.ownerID) else {
            throw Self.notFound()
        }
        return Response(status: .noContent)
    }

    private func versions(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try PageQuery<Int>(request)
        let entries = try await services.store.versions(
            of: try name(context),
            tenantID: context.tenant.ownerID,
            limit: query.limit + 1,
            after: query.after,
            before: query.before
        )
        guard let entries else { throw Self.notFound() }
        return Response(query.page(reading: entries).json(\.json))
    }

    private func version(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        guard let version = context.parameters.get("version").flatMap({ Int32($0) }) else { throw Self.notFound() }
        return Response(try await stored(try name(context), version: Int(version), context).json)
    }

    private func render(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let name = try name(context)
        let wanted = try await bodies.decode(
            RenderRequest.self,
            from: request,
            record: context.record,
            code: .invalidMessage
        )
        if let failure = wanted.data.excess { throw Problem.invalidMessage([failure]) }
        let stored = try await stored(name, version: wanted.version, context)
        guard let template = try? MailTemplate(stored.source) else { throw Problem.internalError() }
        let filled: TemplateSource
        do {
            filled = try template.filled(with: wanted.data, maximumBytes: maximumMessageBytes)
        } catch {
            throw Problem.invalidMessage(error.pointed(at: "/data"))
        }
        return Response(.object(filled.members))
    }

    private func wanted(_ request: Request, _ context: TenantContext) async throws -> TemplateRequest {
        let wanted = try await bodies.decode(
            TemplateRequest.self,
            from: request,
            record: context.record,
            code: .invalidTemplate
        )
        do {
            _ = try MailTemplate(wanted.source)
        } catch {
            var problem = Problem.invalidMessage(error.failures)
            problem.code = .invalidTemplate
            throw problem
        }
        return wanted
    }

    private func stored(_ name: String, version: Int?, _ context: TenantContext) async throws -> StoredTemplate {
        guard version.map({ (1...Int(Int32.max)).contains($0) }) ?? true,
            let stored = try await services.store.template(name, version: version, tenantID: context.tenant.ownerID)
        else { throw Self.notFound() }
        return stored
    }

    private func name(_ context: TenantContext) throws -> String {
        guard let name = context.parameters.get("name"), TemplateReference.isName(name) else { throw Self.notFound() }
        return name
    }

    private static func notFound() -> Problem {
        Problem(.notFound, "there is no template with this name, or it has no such version")
    }
}

extension TemplateEntry {
    fileprivate var json: JSONValue {
        .object([
            ("name", .string(name)), ("version", .number(version)), ("subject", .string(subject)),
            ("created_at", .time(createdAt)), ("updated_at", .time(updatedAt)),
        ])
    }
}

extension StoredTemplate {
    fileprivate var json: JSONValue {
        .object(
            [("name", .string(name)), ("version", .number(version))] + source.members
                + [("created_at", .time(createdAt)), ("updated_at", .time(updatedAt))]
        )
    }
}

extension TemplateSource {
    fileprivate var members: [(String, JSONValue)] {
        [("subject", .string(subject)), ("text", .string(text)), ("html", .string(html))]
    }
}
