import Foundation
import Postgres

/// How an endpoint is read from its row. The secrets' columns are never among them.
enum EndpointRow {
    static let columns: SQL = """
        id, url, description, events, filter::text, max_rate, status, disabled_reason, disabled_at, failing_since,
        CASE WHEN old_until > clock_timestamp() THEN old_until END, created_at, version
        """

    static func endpoint(_ row: Row) throws -> WebhookEndpoint {
        WebhookEndpoint(
            id: try row[0, as: UUID.self],
            url: try row[1, as: String.self],
            description: try row[2, as: String.self],
            events: try row[3, as: [String]?.self],
            filter: try JSONDecoder().decode(FilterSettings.self, from: Data(try row[4, as: String.self].utf8)),
            maxRate: try row[5, as: Int?.self],
            status: WebhookEndpoint.Status(rawValue: try row[6, as: String.self]) ?? .disabled,
            disabledReason: try row[7, as: String?.self],
            disabledAt: try row[8, as: Date?.self],
            failingSince: try row[9, as: Date?.self],
            oldSecretUntil: try row[10, as: Date?.self],
            createdAt: try row[11, as: Date.self],
            version: try row[12, as: Int64.self]
        )
    }

    static func json(_ filter: FilterSettings) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(filter), as: UTF8.self)
    }
}
