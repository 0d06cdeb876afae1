import Dashboard
import Directory
import FoundationEssentials
import Hummingbird
import Mail

/// A tenant's templates, and how they look when they are filled.
struct TemplatePages: Sendable {
    private static let maximumForm = 300 << 10

    let services: TenantServices
    private let bodies: BodyReader
    private let maximumMessageBytes: Int

    init(services: TenantServices, configuration: GatewayConfiguration) {
        self.services = services
        bodies = BodyReader(configuration, maximumBytes: Self.maximumForm)
        maximumMessageBytes = configuration.maximumMessageBytes
    }

    func add(to pages: RouterGroup<PageContext>) {
        pages.get("templates") { request, context in try await templates(request, context) }
        pages.get("templates/:name") { request, context in try await template(request, context) }
        pages.get("templates/:name/preview") { request, context in try await source(request, context) }
        pages.post("templates/:name/preview") { request, context in try await preview(request, context) }
    }

    private func templates(_ request: Request, _ context: PageContext) async throws -> Response {
        let query = try RequestQuery(request, allowing: ["after", "before"], isForm: true)
        return try await context.tenantPage(.templates, "Templates", section: "/dashboard/templates") { caller in
            let entries = try await services.templates.store.templates(
                tenantID: caller.tenant.ownerID,
                limit: ListWindow<TemplateEntry>.size + 1,
                after: query["after"],
                before: query["before"]
            )
            let window = ListWindow(entries, after: query["after"], before: query["before"], id: \.name)
            return TenantTemplatesPage(
                templates: window.items,
                earlier: window.earlier,
                later: window.later,
                canChange: !caller.grant.isTest,
                now: Date()
            ).page
        }
    }

    private func template(_ request: Request, _ context: PageContext) async throws -> Response {
        let version = try Self.version(request)
        var response = try await context.tenantPage(.templates, "Template", section: "/dashboard/templates") { caller in
            let stored = try await stored(version, context, caller)
            let versions = try await services.templates.store.versions(
                of: stored.name,
                tenantID: caller.tenant.ownerID,
                limit: 50,
                after: nil,
                before: nil
            )
            return TenantTemplatePage(
                template: stored,
                versions: versions ?? [],
                canChange: !caller.grant.isTest,
                csrfToken: context.session.csrfToken,
                now: Date()
            ).page
        }
        response.allowFrames()
        return response
    }

    /// As it was written, before it is filled with anything.
    private func source(_ request: Request, _ context: PageContext) async throws -> Response {
        try context.require(.templates)
        let stored = try await stored(try Self.version(request), context, try context.tenantCaller())
        return Response(mail: stored.source.html ?? MailPreview.text(stored.source.text ?? ""))
    }

    /// Changes nothing. It is a POST because data may be long, and are nobody's to keep in a history.
    private func preview(_ request: Request, _ context: PageContext) async throws -> Response {
        try context.require(.templates)
        let form = try await bodies.withBytes(request, record: context.record) { bytes in
            do {
                return try URLEncodedFormDecoder().decode(
                    [String: String].self,
                    from: String(decoding: bytes, as: UTF8.self)
                )
            } catch {
                throw Problem(.invalidRequest, "the form cannot be understood")
            }
        }
        guard context.session.isConfirmed(by: form["csrf"] ?? "") else { throw SessionGate.foreign() }
        let stored = try await stored(form["version"].flatMap { Int($0) }, context, try context.tenantCaller())
        let text = form["data"] ?? ""
        let data: TemplateValue
        do {
            data = try JSONDecoder().decode(TemplateValue.self, from: Data((text.isEmpty ? "{}" : text).utf8))
        } catch {
            return Response(mail: MailPreview.text("The data are no JSON object, such as {\"name\": \"Ann\"}."))
        }
        guard data.isObject, data.excess == nil else {
            return Response(mail: MailPreview.text("The data must be a JSON object that is not too large."))
        }
        guard let template = try? MailTemplate(stored.source) else { throw Problem.internalError() }
        do {
            let filled = try template.filled(with: data, maximumBytes: maximumMessageBytes)
            let plain = "Subject: \(filled.subject)\n\n\(filled.text ?? "(no text part)")"
            guard form["part"] != "text", let html = filled.html else { return Response(mail: MailPreview.text(plain)) }
            return Response(mail: html)
        } catch {
            let lines = error.failures.map { "\($0.pointer): \($0.detail)" }
            return Response(
                mail: MailPreview.text("It cannot be filled with these data.\n\n" + lines.joined(separator: "\n"))
            )
        }
    }

    private func stored(_ version: Int?, _ context: PageContext, _ caller: TenantCaller) async throws -> StoredTemplate
    {
        guard version.map({ (1...Int(Int32.max)).contains($0) }) ?? true, TemplateReference.isName(context.name),
            let stored = try await services.templates.store.template(
                context.name,
                version: version,
                tenantID: caller.tenant.ownerID
            )
        else { throw Problem(.notFound, "there is no template with this name, or it has no such version") }
        return stored
    }

    private static func version(_ request: Request) throws -> Int? {
        let query = try RequestQuery(request, allowing: ["version"])
        guard let text = query["version"] else { return nil }
        guard let version = Int(text) else { throw Problem(.notFound, "there is no such version") }
        return version
    }
}
