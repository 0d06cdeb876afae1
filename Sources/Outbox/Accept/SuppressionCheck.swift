import Mail
import Postgres
import Sealing

/// Finds out, for a whole flush at once, whose mail is not wanted any more.
struct SuppressionCheck: Sendable {
    /// Under which addresses are suppressed that were erased.
    let pseudonyms: Pseudonyms?

    /// (tenant, suppressed address, stream); (tenant, NULL, NULL) for a tenant that suppresses addresses which were erased.
    func statement(_ messages: [NewMessage]) -> SQL {
        var tenants: [Int32] = []
        var emails: [String] = []
        for message in messages {
            for recipient in message.recipients {
                tenants.append(message.tenantID)
                emails.append(recipient.email.lowercased())
            }
        }
        let suppressed = Self.statement(tenants, emails)
        guard pseudonyms != nil else { return suppressed }
        return """
            \(suppressed)
            UNION ALL
            SELECT t.tenant_id, NULL, NULL FROM unnest(\(Array(Set(tenants)))) AS t (tenant_id)
            WHERE EXISTS (SELECT FROM suppression WHERE suppression.tenant_id = t.tenant_id
                          AND suppression.email >= \(Pseudonyms.first) AND suppression.email < \(Pseudonyms.last))
            """
    }

    private static func statement(_ tenants: [Int32], _ emails: [String]) -> SQL {
        """
        SELECT DISTINCT suppression.tenant_id, suppression.email, suppression.stream
        FROM unnest(\(tenants), \(emails)) AS r (tenant_id, email)
        JOIN suppression ON suppression.tenant_id = r.tenant_id AND suppression.email = r.email
        """
    }

    /// The messages with their suppressed recipients marked, given the statement's rows. What is suppressed after that
    /// look is found when it is claimed.
    ///
    /// - Parameter query: looks again, for what was erased.
    func mark(
        _ messages: [NewMessage],
        _ rows: Rows,
        query: (SQL) async throws -> Rows
    ) async throws -> [NewMessage] {
        var found: Set<Entry> = []
        var erasing: Set<Int32> = []
        for (tenantID, email, stream) in try rows.decode(Int32.self, String?.self, String?.self) {
            if let email, let stream {
                found.insert(Entry(tenantID: tenantID, email: email, stream: stream))
            } else {
                erasing.insert(tenantID)
            }
        }
        if !erasing.isEmpty { found.formUnion(try await erased(messages, of: erasing, query: query)) }
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

    /// The recipients that are suppressed under their pseudonyms.
    private func erased(
        _ messages: [NewMessage],
        of erasing: Set<Int32>,
        query: (SQL) async throws -> Rows
    ) async throws -> Set<Entry> {
        guard let pseudonyms else { return [] }
        var emails: [Address: String] = [:]
        for (tenantID, group) in Dictionary(grouping: messages, by: \.tenantID) where erasing.contains(tenantID) {
            let addresses = Array(Set(group.flatMap { $0.recipients.map { $0.email.lowercased() } }))
            let names = try await pseudonyms.names(of: addresses, tenantID: tenantID)
            for (name, email) in zip(names, addresses) { emails[Address(tenantID: tenantID, email: name)] = email }
        }
        let names = Array(emails.keys)
        let rows = try await query(Self.statement(names.map(\.tenantID), names.map(\.email)))
        return Set(
            try rows.decode(Int32.self, String.self, String.self).compactMap { tenantID, name, stream in
                emails[Address(tenantID: tenantID, email: name)].map {
                    Entry(tenantID: tenantID, email: $0, stream: stream)
                }
            }
        )
    }

    private struct Address: Hashable {
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
