import Foundation
public import Mail
import Postgres

extension Claimer {
    /// What recipients of broadcasts have of their own. Those who have nothing are missing from the answer.
    public func data(of recipients: [OutboxID]) async throws -> [OutboxID: TemplateValue] {
        let rows = try await pool.query(
            """
            SELECT recipient_data.id, recipient_data.data
            FROM unnest(\(recipients.map(\.uuid))) AS r (id) JOIN recipient_data ON recipient_data.id = r.id
            """
        )
        var data: [OutboxID: TemplateValue] = [:]
        let decoder = JSONDecoder()
        for (uuid, bytes) in try rows.decode(PostgresUUID.self, [UInt8].self) {
            guard let id = OutboxID(high: uuid.high, low: uuid.low) else { continue }
            data[id] = try decoder.decode(TemplateValue.self, from: Data(bytes))
        }
        return data
    }
}
