import Postgres

/// Finds out, for a whole flush at once, whose mail is not wanted any more.
enum SuppressionCheck {
    static func statement(_ messages: [NewMessage]) -> SQL {
        var tenants: [Int32] = []
        var emails: [String] = []
        for message in messages {
            for recipient in message.recipients {
                tenants.append(message.tenantID)
                emails.append(recipient.email.lowercased())
            }
        }
        return """
            SELECT DISTINCT suppression.tenant_id, suppression.email
            FROM unnest(\(tenants), \(emails)) AS r (tenant_id, email)
            JOIN suppression ON suppression.tenant_id = r.tenant_id AND suppression.email = r.email
            """
    }

    /// The messages with their suppressed recipients marked, given the statement's rows. What is suppressed after that
    /// look is found when it is claimed.
    static func mark(_ messages: [NewMessage], _ rows: Rows) throws -> [NewMessage] {
        let found = Set(try rows.decode(Int32.self, String.self).map { Address(tenantID: $0.0, email: $0.1) })
        guard !found.isEmpty else { return messages }
        return messages.map { message in
            var message = message
            for index in message.recipients.indices {
                let address = Address(tenantID: message.tenantID, email: message.recipients[index].email.lowercased())
                message.recipients[index].isSuppressed = found.contains(address)
            }
            return message
        }
    }

    private struct Address: Hashable {
        let tenantID: Int32
        let email: String
    }
}
