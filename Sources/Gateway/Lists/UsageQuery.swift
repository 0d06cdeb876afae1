import Directory
import FoundationEssentials
import Hummingbird
import Outbox

/// The days of which usage is asked for, both ends included: the last thirty (UTC), unless they are named.
struct UsageQuery: Sendable {
    private static let usualDays = 30

    let first: String
    let last: String

    init(_ request: Request, now: Date) throws {
        let query = try RequestQuery(request, allowing: ["from", "to"])
        last = try query.day("to") ?? Self.day(now)
        let latest = RFC3339.date(last + "T00:00:00Z") ?? now
        first = try query.day("from") ?? Self.day(latest.addingTimeInterval(Double(1 - Self.usualDays) * 86_400))
        guard first <= last else { throw Problem(.invalidQuery, "from is later than to") }
    }

    /// The answer, with the rates of the lanes that lead somewhere.
    func answer(from reader: any UsageReading, of tenant: Tenant, directory: DirectorySnapshot) async throws -> Response
    {
        let usage = try await reader.usage(tenantID: tenant.id, from: first, to: last)
        let lanes = directory.lanes.filter { $0.value.tenantID == tenant.id && !$0.value.isRetired }
        let rates = try await reader.rates(tenantID: tenant.id, lanes: lanes.keys.sorted())
        var members: [(String, JSONValue)] = [
            ("from", .string(first)), ("to", .string(last)), ("counted_until", .time(usage.countedUntil)),
            ("data", .array(usage.days.map(\.json))), ("has_more", .bool(usage.hasMore)),
        ]
        if let next = usage.next { members.append(("next", .string(next))) }
        members.append(("lanes", .array(rates.map { $0.json(lane: lanes[$0.laneID]) })))
        return Response(.object(members))
    }

    private static func day(_ date: Date) -> String { String(RFC3339.text(date).prefix(10)) }
}

extension UsageDay {
    fileprivate var json: JSONValue {
        .object([
            ("day", .string(day)),
            ("region", .string(region)),
            ("accepted", .number(accepted)),
            ("sent", .number(sent)),
            ("delivered", .number(delivered)),
            ("bounced", .number(bounced)),
            ("complained", .number(complained)),
        ])
    }
}

extension LaneRate {
    fileprivate func json(lane: Lane?) -> JSONValue {
        .object([
            ("lane", .string(lane?.name)),
            ("rate", .decimal((rate * 100).rounded() / 100)),
            ("blocker", .string(blocker?.rawValue)),
        ])
    }
}
