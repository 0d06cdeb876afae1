import Foundation
import Mail
import Postgres
import Sealing

/// What mail says. Read as the owner, for what serves tenants sees none of it: by ids of messages that are the tenant's.
extension TenantExport {
    /// Bodies may have 40 MB each.
    private static let bodies: Int32 = 4

    func exportContents(_ tenantID: Int32, write: (String) async throws -> Void) async throws {
        var last = PostgresUUID(high: 0, low: 0)
        while true {
            let messages = try await pool.scoped(to: .tenant(tenantID)).query(
                "SELECT id FROM message WHERE tenant_id = \(tenantID) AND id > \(last) ORDER BY id LIMIT \(Self.bodies)"
            ).decode(PostgresUUID.self)
            let answers = try await pool.pipeline([
                """
                SELECT m.id, kept.kind, kept.content FROM unnest(\(messages)) AS m (id) CROSS JOIN LATERAL (
                    SELECT kind, content FROM body WHERE body.id = m.id
                    UNION ALL
                    SELECT kind, content FROM body_kept WHERE body_kept.id = m.id LIMIT 1
                ) AS kept
                """,
                """
                SELECT m.id FROM unnest(\(messages)) AS m (id)
                WHERE EXISTS (SELECT FROM recipient_data AS own WHERE own.id > m.id AND own.id <= last_of(m.id))
                   OR EXISTS (SELECT FROM recipient_data_kept AS own WHERE own.id > m.id AND own.id <= last_of(m.id))
                """,
            ])
            for (id, kind, content) in try answers[0].decode(PostgresUUID.self, Int16.self, [UInt8].self) {
                try await write(try await body(id, kind, content, tenantID: tenantID))
            }
            for message in try answers[1].decode(PostgresUUID.self) {
                try await exportData(of: message, tenantID: tenantID, write: write)
            }
            guard messages.count == Int(Self.bodies), let next = messages.last else { return }
            last = next
        }
    }

    private func body(_ id: PostgresUUID, _ kind: Int16, _ content: [UInt8], tenantID: Int32) async throws -> String {
        let isSealed = kind >= StoredContent.sealedMark
        let bytes =
            isSealed ? try await seal.open(content, at: SealedPlace(.body, tenantID: tenantID, id: id)) : content
        let form = StoredContent.Kind(rawValue: isSealed ? kind - StoredContent.sealedMark : kind)
        let text = Data(bytes).base64EncodedString()
        let name = MessageID(high: id.high, low: id.low).map { "\($0)" } ?? ""
        return Self.line(
            "body",
            "{\"id\": \"\(name)\", \"kind\": \"\(form.map { "\($0)" } ?? "")\", \"content\": \"\(text)\"}"
        )
    }

    /// What recipients of a broadcast have of their own: JSON, in Base64 as bodies are.
    private func exportData(
        of message: PostgresUUID,
        tenantID: Int32,
        write: (String) async throws -> Void
    ) async throws {
        var last = message
        while true {
            let rows = try await pool.query(
                """
                SELECT own.id, own.id::text, own.data FROM (
                    SELECT id, data FROM recipient_data WHERE id > \(last) AND id <= last_of(\(message))
                    UNION ALL
                    SELECT id, data FROM recipient_data_kept WHERE id > \(last) AND id <= last_of(\(message))
                ) AS own ORDER BY own.id LIMIT \(Self.page)
                """
            ).decode(PostgresUUID.self, String.self, [UInt8].self)
            for (id, name, data) in rows {
                let place = SealedPlace(.recipientData, tenantID: tenantID, id: id)
                let bytes = MailSeal.isSealed(data) ? try await seal.open(data, at: place) : data
                let text = Data(bytes).base64EncodedString()
                try await write(Self.line("recipient_data", "{\"id\": \"\(name)\", \"data\": \"\(text)\"}"))
            }
            guard rows.count == Int(Self.page), let next = rows.last?.0 else { return }
            last = next
        }
    }
}
