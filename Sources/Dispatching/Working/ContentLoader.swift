import Directory
import Mail
import Outbox

/// Reads the contents that claimed calls need, each once, within the node's memory budget.
struct ContentLoader: Sendable {
    /// The largest sum of contents that one read brings.
    private static let chunk = 8 << 20

    let claimer: Claimer
    let budget: ByteBudget
    let shelf: TemplateShelf

    /// Splits calls so that the contents of each part fit into one read.
    func parts(_ slots: [CallSender.Slot]) -> [[CallSender.Slot]] {
        var parts: [[CallSender.Slot]] = []
        var bytes = 0
        var last: MessageID?
        for slot in slots {
            let call = slot.call
            let isNew = call.entry.message != last
            if parts.isEmpty || (isNew && bytes + call.size > Self.chunk) {
                parts.append([])
                bytes = 0
            }
            parts[parts.count - 1].append(slot)
            if isNew { bytes += call.size }
            last = call.entry.message
        }
        return parts
    }

    /// The contents of some calls' messages. Missing: dropped by retention, or damaged.
    func load(_ calls: [ClaimedCall]) async throws -> [MessageID: LoadedContent] {
        let sizes = Dictionary(calls.map { ($0.entry.message, $0.size) }) { first, _ in first }
        let total = sizes.values.reduce(0, +)
        await budget.take(total)
        var loaded: [MessageID: LoadedContent] = [:]
        var used = 0
        defer { budget.giveBack(total - used) }
        let contents = try await claimer.contents(of: Array(sizes.keys))
        for id in contents.foreign { loaded[id] = LoadedContent(.foreign, bytes: 0, budget: budget) }
        for (id, stored) in contents.known {
            guard let content = try? stored.form(), let form = try await form(content, of: id, calls) else { continue }
            let bytes = sizes[id] ?? 0
            used += bytes
            loaded[id] = LoadedContent(form, bytes: bytes, budget: budget)
        }
        return loaded
    }

    /// The content with what it is filled with; nil where its template is gone.
    private func form(
        _ content: StoredContent.Form,
        of id: MessageID,
        _ calls: [ClaimedCall]
    ) async throws -> LoadedContent.Form? {
        switch content {
        case .whole(let content): return .whole(content)
        case .templated(let content):
            var template: MailTemplate?
            if case .version(let number) = content.frame.source {
                template = try await shelf.template(number)
                if template == nil { return nil }
            }
            let rows = calls.filter { $0.entry.message == id }.flatMap { $0.rows.map(\.id) }
            return .templated(
                content,
                template,
                own: content.isEach ? try await claimer.data(of: rows) : RecipientData()
            )
        }
    }
}
