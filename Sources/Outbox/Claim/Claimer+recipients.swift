import Foundation
public import Mail
import Postgres

extension Claimer {
    /// What recipients of broadcasts have of their own. Those who have nothing are missing from the answer.
    public func data(of recipients: [OutboxID]) async throws -> RecipientData {
        let rows = try await pool.query(
            """
            SELECT r.id, kept.data
            FROM unnest(\(recipients.map(\.uuid))) AS r (id) CROSS JOIN LATERAL (
                SELECT data FROM recipient_data WHERE recipient_data.id = r.id
                UNION ALL
                SELECT data FROM recipient_data_kept AS kept WHERE kept.id = r.id LIMIT 1
            ) AS kept
            """
        )
        var data = RecipientData()
        let decoder = JSONDecoder()
        for (uuid, bytes) in try rows.decode(PostgresUUID.self, [UInt8].self) {
            guard let id = OutboxID(high: uuid.high, low: uuid.low) else { continue }
            if let value = try? decoder.decode(TemplateValue.self, from: Data(bytes)) {
                data.values[id] = value
            } else {
                data.damaged.insert(id)
            }
        }
        return data
    }
}
