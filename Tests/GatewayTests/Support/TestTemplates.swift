import Directory
import Foundation
import Gateway
import Mail
import Synchronization

/// Templates in memory, those of tenant 1: version n of a template is its nth source.
final class TestTemplates: TemplateKeeping, TemplateResolving {
    private static let time = Date(timeIntervalSince1970: 1_700_000_000)
    private let state = Mutex<[String: [TemplateSource]]>([:])

    func set(_ name: String, _ sources: [TemplateSource]) { state.withLock { $0[name] = sources } }

    private func stored(_ name: String, _ version: Int, _ source: TemplateSource) -> StoredTemplate {
        StoredTemplate(name: name, version: version, source: source, createdAt: Self.time, updatedAt: Self.time)
    }

    private func entry(_ name: String, _ version: Int, _ source: TemplateSource) -> TemplateEntry {
        TemplateEntry(
            name: name,
            version: version,
            subject: source.subject,
            createdAt: Self.time,
            updatedAt: Self.time
        )
    }

    func create(_ name: String, _ source: TemplateSource, tenantID: Int32) async throws -> StoredTemplate {
        set(name, [source])
        return stored(name, 1, source)
    }

    func replace(_ name: String, _ source: TemplateSource, tenantID: Int32) async throws -> StoredTemplate? {
        state.withLock { state in
            guard tenantID == 1, let sources = state[name] else { return nil }
            state[name] = sources + [source]
            return stored(name, sources.count + 1, source)
        }
    }

    func delete(_ name: String, tenantID: Int32) async throws -> Bool {
        tenantID == 1 && state.withLock { $0.removeValue(forKey: name) != nil }
    }

    func template(_ name: String, version: Int?, tenantID: Int32) async throws -> StoredTemplate? {
        let sources = state.withLock { $0[name] } ?? []
        let number = version ?? sources.count
        guard tenantID == 1, sources.indices.contains(number - 1) else { return nil }
        return stored(name, number, sources[number - 1])
    }

    func templates(tenantID: Int32, limit: Int, after: String?, before: String?) async throws -> [TemplateEntry] {
        let all = state.withLock { $0 }.sorted { $0.key < $1.key }.filter { $0.key > after ?? "" }
        return all.prefix(limit).map { entry($0.key, $0.value.count, $0.value[$0.value.count - 1]) }
    }

    func versions(
        of name: String,
        tenantID: Int32,
        limit: Int,
        after: Int?,
        before: Int?
    ) async throws -> [TemplateEntry]? {
        guard tenantID == 1, let sources = state.withLock({ $0[name] }) else { return nil }
        return sources.enumerated().reversed().map { entry(name, $0.offset + 1, $0.element) }
    }

    func resolve(_ reference: TemplateReference, tenantID: Int32) async throws -> ResolvedTemplate? {
        guard let stored = try await template(reference.name, version: reference.version, tenantID: tenantID) else {
            return nil
        }
        return ResolvedTemplate(number: Int64(stored.version), template: try MailTemplate(stored.source))
    }

    func template(_ number: Int64) async throws -> MailTemplate? {
        let source = state.withLock { $0.values.first { $0.indices.contains(Int(number) - 1) }?[Int(number) - 1] }
        return try source.map { try MailTemplate($0) }
    }
}
