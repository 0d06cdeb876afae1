import Postgres

/// Counts what waits in, or is being sent from, the lanes of what is to be removed.
enum QueuedMail {
    /// Of one lane's ready and deferred entries each so many are counted at most.
    private static let limit: Int64 = 100_000

    /// - Parameter consequence: what has come of the change when mail is found.
    /// - Throws: `DirectoryError.conflict` that names each object with mail, and how much.
    static func requireNone(
        for removal: DirectoryRemoval,
        in directory: DirectorySnapshot,
        on connection: PostgresConnection,
        consequence: String = "nothing was changed"
    ) async throws {
        guard !removal.isEmpty else { return }
        let objects = objects(removal, directory)
        let counts = try await counts(Array(Set(objects.flatMap(\.lanes))), on: connection)
        let busy = objects.compactMap { object -> String? in
            let count = object.lanes.reduce(0) { $0 + (counts[$1] ?? 0) }
            guard count > 0 else { return nil }
            return "\(object.name) (\(count)\(count >= limit ? " or more" : ""))"
        }
        guard !busy.isEmpty else { return }
        throw DirectoryError(
            .conflict,
            "mail is still queued for \(busy.joined(separator: ", ")): let it be sent, or cancel it, before removing that; "
                + consequence
        )
    }

    private static func objects(
        _ removal: DirectoryRemoval,
        _ directory: DirectorySnapshot
    ) -> [(name: String, lanes: [Int32])] {
        func lanes(_ isIts: (Lane) -> Bool) -> [Int32] { directory.lanes.values.filter(isIts).map(\.id) }
        let shares = removal.shares.map { share in
            let id = directory.account(named: share.account)?.shareIDs[share.path]
            return ("share \(share.name)", lanes { $0.shareID == id })
        }
        let tenants = removal.tenants.map { name in
            let id = directory.tenant(named: name)?.id
            return ("tenant \(name)", lanes { $0.tenantID == id })
        }
        let accounts = removal.accounts.map { name in
            let id = directory.account(named: name)?.id
            // Its lanes go with it, and what waits in them would wait for ever: tests, too.
            let tests = directory.testLanes.values.filter { $0.accountID == id }.map(\.id)
            return ("account \(name)", lanes { $0.accountID == id } + tests)
        }
        return shares + tenants + accounts
    }

    private static func counts(_ lanes: [Int32], on connection: PostgresConnection) async throws -> [Int32: Int64] {
        let waiting = try await connection.query(
            """
            SELECT lane.id, (SELECT count(*) FROM (SELECT FROM ready WHERE lane_id = lane.id LIMIT \(limit)) AS r)
                          + (SELECT count(*) FROM (SELECT FROM deferred WHERE lane_id = lane.id LIMIT \(limit)) AS d)
            FROM unnest(\(lanes)) AS lane (id)
            """
        ).decode(Int32.self, Int64.self)
        let claimed = try await connection.query(
            """
            SELECT message.lane_id, count(*)
            FROM claim CROSS JOIN LATERAL unnest(claim.entries) AS entry (id)
            JOIN message ON message.id = message_of(entry.id)
            WHERE message.lane_id = ANY (\(lanes))
            GROUP BY message.lane_id
            """
        ).decode(Int32.self, Int64.self)
        return (waiting + claimed).reduce(into: [:]) { counts, row in counts[row.0, default: 0] += row.1 }
    }
}
