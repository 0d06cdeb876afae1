import Directory
import Foundation
import Gateway
import Mail
import Synchronization

/// Suppression lists in memory, by tenant.
final class TestSuppressions: SuppressionKeeping {
    private struct Key: Hashable {
        let tenantID: Int32
        let email: String
    }

    private let rows = Mutex<[Key: Suppression]>([:])
    private let filters = Mutex<[SuppressionFilter]>([])

    /// What was asked for, in order.
    var asked: [SuppressionFilter] { filters.withLock { $0 } }

    func suppressions(
        tenantID: Int32,
        filter: SuppressionFilter,
        limit: Int,
        after: String?,
        before: String?
    ) async throws -> SuppressionStore.Page {
        filters.withLock { $0.append(filter) }
        let all = rows.withLock { $0.filter { $0.key.tenantID == tenantID }.values.sorted { $0.email < $1.email } }
        if let before { return .init(suppressions: Array(all.filter { $0.email < before }.suffix(limit))) }
        let rows = all.filter { row in after.map { row.email > $0 } ?? true }.prefix(limit)
        return .init(suppressions: Array(rows), edge: filter.reason == .complaint ? "edge@x.example" : nil)
    }

    func suppression(of email: EmailAddress, tenantID: Int32) async throws -> Suppression? {
        rows.withLock { $0[Key(tenantID: tenantID, email: email.matchKey)] }
    }

    func add(
        _ email: EmailAddress,
        reason: Suppression.Reason,
        stream: MessageStream?,
        detail: String?,
        tenantID: Int32,
        actor: String
    ) async throws -> (suppression: Suppression, isNew: Bool) {
        let new = Suppression(
            email: email.matchKey,
            reason: reason,
            stream: stream,
            detail: detail,
            messageID: nil,
            createdAt: Date(timeIntervalSince1970: 1_700_000_000)
        )
        return rows.withLock { rows in
            let key = Key(tenantID: tenantID, email: email.matchKey)
            if let present = rows[key] { return (present, false) }
            rows[key] = new
            return (new, true)
        }
    }

    func remove(_ email: EmailAddress, tenantID: Int32, actor: String) async throws -> Bool {
        rows.withLock { $0.removeValue(forKey: Key(tenantID: tenantID, email: email.matchKey)) } != nil
    }

    func remove(domain: DomainName, tenantID: Int32, actor: String) async throws -> Int {
        rows.withLock { rows in
            let gone = rows.keys.filter { $0.tenantID == tenantID && $0.email.hasSuffix("@" + domain.ascii) }
            for key in gone { rows[key] = nil }
            return gone.count
        }
    }
}
