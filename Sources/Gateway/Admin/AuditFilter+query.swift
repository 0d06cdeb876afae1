import Directory
import FoundationEssentials

extension AuditFilter {
    /// The parameters of `/admin/audit`.
    static let names = ["actor", "action", "object", "request_id", "created_after", "created_before"]

    /// - Throws: problem `invalid_query`.
    init(_ query: RequestQuery) throws {
        self.init()
        actor = query["actor"]
        action = query["action"]
        object = query["object"]
        requestID = query["request_id"]
        createdAfter = try Self.time("created_after", query)
        createdBefore = try Self.time("created_before", query)
    }

    private static func time(_ name: String, _ query: RequestQuery) throws -> Date? {
        guard let text = query[name] else { return nil }
        guard let time = try RFC3339.date(text) ?? query.time(name) else {
            throw Problem(.invalidQuery, "\(name) must be a time such as 2026-02-03T04:05:06Z (RFC 3339)")
        }
        return time
    }
}
