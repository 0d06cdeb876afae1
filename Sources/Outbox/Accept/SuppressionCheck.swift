import Mail
import Postgres
import Sealing

/// Finds out, for a whole flush at once, whose mail is not wanted any more.
struct SuppressionCheck: Sendable {
    /// Under which addresses are suppressed that were erased.
    let pseudonyms: Pseudonyms?
    private let erasing = ErasingTenants()

    init(pseudonyms: Pseudonyms?) {
        self.pseudonyms = pseudonyms
    }

    /// A question about some messages, and the addresses behind the pseudonyms in it.
    struct Look: Sendable {
        /// (tenant, suppressed address, stream); (tenant, NULL, NULL) for a tenant that turns out to suppress addresses which
        /// were erased.
        let statement: SQL
        fileprivate let emails: [Address: String]
    }

    func look(at messages: [NewMessage]) async throws -> Look {
        var tenants: [Int32] = []
        var emails: [String] = []
        for message in messages {
            for recipient in message.recipients {
                tenants.append(message.tenantID)
                emails.append(recipient.email.lowercased())
            }
        }
        guard pseudonyms != nil else { return Look(statement: Self.statement(tenants, emails), emails: [:]) }
        let all = Set(tenants)
        let known = erasing.known(of: all)
        let names = try await names(messages, of: known)
        for name in names.keys {
            tenants.append(name.tenantID)
            emails.append(name.email)
        }
        let statement: SQL = """
            \(Self.statement(tenants, emails))
            UNION ALL
            SELECT t.tenant_id, NULL, NULL FROM unnest(\(Array(all.subtracting(known)))) AS t (tenant_id)
            WHERE EXISTS (SELECT FROM suppression WHERE suppression.tenant_id = t.tenant_id
                          AND suppression.email >= \(Pseudonyms.first) AND suppression.email < \(Pseudonyms.last))
            """
        return Look(statement: statement, emails: names)
    }

    private static func statement(_ tenants: [Int32], _ emails: [String]) -> SQL {
        """
        SELECT DISTINCT suppression.tenant_id, suppression.email, suppression.stream
        FROM unnest(\(tenants), \(emails)) AS r (tenant_id, email)
        JOIN suppression ON suppression.tenant_id = r.tenant_id AND suppression.email = r.email
        """
    }

    /// The messages with their suppressed recipients marked, given the look's rows. What is suppressed after that look is
    /// found when it is claimed.
    ///
    /// - Parameter query: looks again, for the first flush with mail of a tenant that suppresses erased addresses.
    func mark(
        _ messages: [NewMessage],
        _ look: Look,
        _ rows: Rows,
        query: (SQL) async throws -> Rows
    ) async throws -> [NewMessage] {
        var found: Set<Entry> = []
        var fresh: Set<Int32> = []
        for (tenantID, email, stream) in try rows.decode(Int32.self, String?.self, String?.self) {
            if let email, let stream {
                let known = look.emails[Address(tenantID: tenantID, email: email)]
                found.insert(Entry(tenantID: tenantID, email: known ?? email, stream: stream))
            } else {
                fresh.insert(tenantID)
            }
        }
        if !fresh.isEmpty {
            erasing.note(fresh)
            let names = try await names(messages, of: fresh)
            let asked = Array(names.keys)
            let rows = try await query(Self.statement(asked.map(\.tenantID), asked.map(\.email)))
            for (tenantID, name, stream) in try rows.decode(Int32.self, String.self, String.self) {
                guard let email = names[Address(tenantID: tenantID, email: name)] else { continue }
                found.insert(Entry(tenantID: tenantID, email: email, stream: stream))
            }
        }
        guard !found.isEmpty else { return messages }
        return messages.map { message in
            var message = message
            for index in message.recipients.indices {
                let email = message.recipients[index].email.lowercased()
                message.recipients[index].isSuppressed = ["", message.stream.rawValue].contains { stream in
                    found.contains(Entry(tenantID: message.tenantID, email: email, stream: stream))
                }
            }
            return message
        }
    }

    /// The pseudonyms of all recipients of these tenants' messages, and the addresses that they stand for.
    private func names(_ messages: [NewMessage], of tenants: Set<Int32>) async throws -> [Address: String] {
        guard let pseudonyms, !tenants.isEmpty else { return [:] }
        var emails: [Address: String] = [:]
        for (tenantID, group) in Dictionary(grouping: messages, by: \.tenantID) where tenants.contains(tenantID) {
            let addresses = Array(Set(group.flatMap { $0.recipients.map { $0.email.lowercased() } }))
            let names = try await pseudonyms.names(of: addresses, tenantID: tenantID)
            for (name, email) in zip(names, addresses) { emails[Address(tenantID: tenantID, email: name)] = email }
        }
        return emails
    }

    fileprivate struct Address: Hashable {
        let tenantID: Int32
        let email: String
    }

    private struct Entry: Hashable {
        let tenantID: Int32
        let email: String
        /// "": all mail.
        let stream: String
    }
}
