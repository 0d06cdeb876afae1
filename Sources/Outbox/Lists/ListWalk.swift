import Foundation
import Postgres

/// What a list is searched by: the statements on a part of a tenant's ids.
protocol ListSearch: Sendable {
    /// Whether it goes from old to new: to what comes before an entry of a list that shows the newest first.
    var isAscending: Bool { get }

    /// The ids in `range` that pass, in the order of the search, at most `limit`: (uuid). Candidates are looked at until what they
    /// cost together reaches `bound`.
    func find(_ range: IDRange, limit: Int, bound: Int) -> SQL

    /// What the candidates of that look cost together, and the last of them: (bigint, uuid).
    func looked(_ range: IDRange, bound: Int) -> SQL
}

extension ListSearch {
    var order: SQL { isAscending ? "ASC" : "DESC" }
}

/// Goes through a tenant's ids part by part until enough was found, or enough was looked at.
///
/// Statements are planned each time, with the ids in sight: so the planner leaves out the partitions that lie outside of them.
struct ListWalk<Search: ListSearch>: Sendable {
    struct Result: Sendable {
        /// In the order of the search.
        var ids: [PostgresUUID] = []
        /// The last candidate, where it stopped before the end.
        var edge: PostgresUUID?
    }

    let search: Search
    let limit: Int
    let bound: Int

    func run(over range: IDRange, now: Date, on connection: PostgresConnection) async throws -> Result {
        var result = Result()
        var left = bound
        for part in range.parts(isAscending: search.isAscending, now: now) {
            let found = search.find(part, limit: limit - result.ids.count, bound: left)
            result.ids += try await connection.query(found, prepared: false).decode(PostgresUUID.self)
            if result.ids.count >= limit { return result }
            let looked = try await connection.query(search.looked(part, bound: left), prepared: false)
                .decode(Int.self, PostgresUUID?.self)
            guard let (cost, last) = looked.first else { continue }
            left -= cost
            if left <= 0 {
                result.edge = last
                return result
            }
        }
        return result
    }
}
