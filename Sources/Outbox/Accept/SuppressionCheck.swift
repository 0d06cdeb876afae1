import Mail
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
            SELECT DISTINCT suppression.tenant_id, suppression.email, suppression.stream
            FROM unnest(\(tenants), \(emails)) AS r (tenant_id, email)
            JOIN suppression ON suppression.tenant_id = r.tenant_id AND suppression.email = r.email
            """
    }

    /// The messages with their suppressed recipients marked, given the statement's rows. What is suppressed after that
    /// look is found when it is claimed.
    static func mark(_ messages: [NewMessage], _ rows: Rows) throws -> [NewMessage] {
        let found = Set(
            try rows.decode(Int32.self, String.self, String.self).map {
                Entry(tenantID: $0.0, email: $0.1, stream: $0.2)
            }
        )
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

    private struct Entry: Hashable {
        let tenantID: Int32
        let email: String
        /// "": all mail.
        let stream: String
    }
}
