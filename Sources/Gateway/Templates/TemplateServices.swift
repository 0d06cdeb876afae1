public import Directory
public import Mail

/// Keeps tenants' templates; nil where the tenant has no such template.
public protocol TemplateKeeping: Sendable {
    func create(_ name: String, _ source: TemplateSource, tenantID: Int32) async throws -> StoredTemplate
    func replace(_ name: String, _ source: TemplateSource, tenantID: Int32) async throws -> StoredTemplate?
    func delete(_ name: String, tenantID: Int32) async throws -> Bool
    func template(_ name: String, version: Int?, tenantID: Int32) async throws -> StoredTemplate?
    /// In the order of names.
    func templates(tenantID: Int32, limit: Int, after: String?, before: String?) async throws -> [TemplateEntry]
    /// Newest first.
    func versions(
        of name: String,
        tenantID: Int32,
        limit: Int,
        after: Int?,
        before: Int?
    ) async throws -> [TemplateEntry]?
}

/// Finds what mail is filled with; nil where the tenant has no such template or version.
public protocol TemplateResolving: Sendable {
    func resolve(_ reference: TemplateReference, tenantID: Int32) async throws -> ResolvedTemplate?
    /// The template under a version's number; nil when there is none any more.
    func template(_ number: Int64) async throws -> MailTemplate?
}

extension TemplateStore: TemplateKeeping {}
extension TemplateShelf: TemplateResolving {}

extension TemplateResolving {
    /// What a request's `template` names; nil when it names none.
    func template(of request: SendRequest, tenantID: Int32) async throws -> ResolvedTemplate? {
        guard let text = request.template else { return nil }
        guard let reference = TemplateReference(text) else {
            throw Self.refusal("must be a template's name, or name@version")
        }
        guard let template = try await resolve(reference, tenantID: tenantID) else {
            throw Self.refusal(
                reference.version.map { "there is no version \($0) of a template '\(reference.name)'" }
                    ?? "there is no template '\(reference.name)'"
            )
        }
        return template
    }

    private static func refusal(_ detail: String) -> Problem {
        .invalidMessage([ValidationFailure(pointer: "/template", detail: detail)])
    }
}

/// What the tenant API's templates stand on.
public struct TemplateServices: Sendable {
    let store: any TemplateKeeping
    let shelf: any TemplateResolving

    public init(store: any TemplateKeeping, shelf: any TemplateResolving) {
        self.store = store
        self.shelf = shelf
    }
}
