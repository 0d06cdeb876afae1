import Gateway
import Identities
import Synchronization

/// What is known of senders, in memory; which of them are a tenant's is the directory's to say.
final class TestDomains: DomainKeeping {
    private struct State {
        var rows: [IdentityRow] = []
        var asked: [String] = []
    }

    private let state = Mutex(State())

    /// What was done, in order.
    var asked: [String] { state.withLock { $0.asked } }

    func put(_ row: IdentityRow) { state.withLock { $0.rows.append(row) } }

    func identities(of names: [String], tenantID: Int32) async throws -> [IdentityRow] {
        try await identities(of: names)
    }

    func identities(of names: [String]) async throws -> [IdentityRow] {
        state.withLock { $0.rows.filter { names.contains($0.name) } }
    }

    func checkAgain(_ name: String, tenantID: Int32) async throws {
        state.withLock { $0.asked.append("check \(name) of \(tenantID)") }
    }

    func checkAgain(_ name: String) async throws {
        state.withLock { $0.asked.append("check \(name)") }
    }

    func register(_ name: String, accountID: Int32, mailFrom: String?, actor: String) async throws {
        state.withLock { state in
            state.asked.append("register \(name) at \(accountID) with \(mailFrom ?? "none") by \(actor)")
            var row = IdentityRow(accountID: accountID, name: name)
            row.createWanted = true
            state.rows.append(row)
        }
    }
}
