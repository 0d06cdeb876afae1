import Directory
import Foundation
import Gateway
import Mail
import Synchronization

/// Erasures, wishes, an export and notes of it that are only remembered.
final class TestPrivacy: AddressErasing, RetentionKeeping, TenantExporting, AuditNoting {
    struct State {
        var erasures: [UUID: (tenantID: Int32, email: String, actor: String)] = [:]
        var wish = RetentionWish()
        var notes: [String] = []
    }

    let state = Mutex(State())

    private static func erasure(_ id: UUID) -> Erasure {
        Erasure(
            id: id,
            pseudonym: "erased-0123@erased.invalid",
            recipients: 2,
            createdAt: Date(timeIntervalSince1970: 1_700_000_000)
        )
    }

    func start(_ email: EmailAddress, tenantID: Int32, actor: String) async throws -> Erasure {
        let id = UUID()
        state.withLock { $0.erasures[id] = (tenantID, email.matchKey, actor) }
        return Self.erasure(id)
    }

    func erasure(_ id: UUID, tenantID: Int32) async throws -> Erasure? {
        state.withLock { $0.erasures[id]?.tenantID == tenantID } ? Self.erasure(id) : nil
    }

    func wish(tenantID: Int32) async throws -> RetentionWish { state.withLock { $0.wish } }

    func set(_ wish: RetentionWish, tenantID: Int32, actor: String) async throws { state.withLock { $0.wish = wish } }

    func run(tenantID: Int32, write: (String) async throws -> Void) async throws {
        for number in 1...3 { try await write("{\"table\": \"t\(tenantID)\", \"row\": {\"n\": \(number)}}\n") }
    }

    func note(action: String, object: String, detail: String, actor: String) async throws {
        state.withLock { $0.notes.append("\(actor.prefix { $0 != "," }): \(action) \(object)") }
    }
}
