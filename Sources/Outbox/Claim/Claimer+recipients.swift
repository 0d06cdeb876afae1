import Foundation
public import Mail
import Postgres
import Sealing

extension Claimer {
    /// What recipients of broadcasts have of their own. Those who have nothing are missing from the answer.
    public func data(of recipients: [OutboxID]) async throws -> RecipientData {
        let rows = try await pool.query(
            """
            SELECT r.id, kept.data, CASE WHEN substring(kept.data FOR 1) < '\\x20' THEN (
                       SELECT tenant_id FROM outbox WHERE outbox.id = r.id) END
            FROM unnest(\(recipients.map(\.uuid))) AS r (id) CROSS JOIN LATERAL (
                SELECT data FROM recipient_data WHERE recipient_data.id = r.id
                UNION ALL
                SELECT data FROM recipient_data_kept AS kept WHERE kept.id = r.id LIMIT 1
            ) AS kept
            """
        )
        var data = RecipientData()
        let decoder = JSONDecoder()
        for (uuid, stored, tenantID) in try rows.decode(PostgresUUID.self, [UInt8].self, Int32?.self) {
            guard let id = OutboxID(high: uuid.high, low: uuid.low) else { continue }
            guard let bytes = try await opened(stored, uuid, tenantID: tenantID) else {
                data.damaged.insert(id)
                continue
            }
            if let value = try? decoder.decode(TemplateValue.self, from: Data(bytes)) {
                data.values[id] = value
            } else {
                data.damaged.insert(id)
            }
        }
        return data
    }

    /// Nil when it was altered. - Throws: when its key cannot be had now.
    private func opened(_ stored: [UInt8], _ id: PostgresUUID, tenantID: Int32?) async throws -> [UInt8]? {
        guard MailSeal.isSealed(stored) else { return stored }
        do throws(SealingError) {
            return try await seal.open(stored, at: SealedPlace(.recipientData, tenantID: tenantID ?? 0, id: id))
        } catch {
            if error.code == .damaged { return nil }
            throw error
        }
    }
}
