public import Mail
public import Postgres
import Synchronization

/// Parsed versions of templates at hand. They never change, so they are read once; bounded by what they say.
public final class TemplateShelf: Sendable {
    private struct Item {
        let template: MailTemplate
        var usedAt: Int
    }

    private struct State {
        var items: [Int64: Item] = [:]
        var bytes = 0
        var clock = 0
    }

    private let store: TemplateStore
    private let maximumBytes: Int
    private let state = Mutex(State())

    public init(pool: PostgresPool, maximumBytes: Int = 32 << 20) {
        store = TemplateStore(pool: pool)
        self.maximumBytes = maximumBytes
    }

    /// What a reference of a tenant's names now; nil when the tenant has no such template or version.
    public func resolve(_ reference: TemplateReference, tenantID: Int32) async throws -> ResolvedTemplate? {
        guard let number = try await store.number(of: reference, tenantID: tenantID),
            let template = try await template(number)
        else { return nil }
        return ResolvedTemplate(number: number, template: template)
    }

    /// The template under a version's number; nil when there is none any more.
    public func template(_ number: Int64) async throws -> MailTemplate? {
        if let known = known(number) { return known }
        guard let source = try await store.version(number), let template = try? MailTemplate(source) else { return nil }
        keep(template, as: number)
        return template
    }

    private func known(_ number: Int64) -> MailTemplate? {
        state.withLock { state in
            state.clock += 1
            state.items[number]?.usedAt = state.clock
            return state.items[number]?.template
        }
    }

    private func keep(_ template: MailTemplate, as number: Int64) {
        state.withLock { state in
            guard state.items[number] == nil else { return }
            state.clock += 1
            state.items[number] = Item(template: template, usedAt: state.clock)
            state.bytes += template.source.size
            while state.bytes > maximumBytes, state.items.count > 1,
                let oldest = state.items.min(by: { $0.value.usedAt < $1.value.usedAt })
            {
                state.items[oldest.key] = nil
                state.bytes -= oldest.value.template.source.size
            }
        }
    }
}

/// A version of a template, to be filled now or later.
public struct ResolvedTemplate: Sendable {
    /// Under which it is found when the mail is sent.
    public let number: Int64
    public let template: MailTemplate

    public init(number: Int64, template: MailTemplate) {
        self.number = number
        self.template = template
    }
}
