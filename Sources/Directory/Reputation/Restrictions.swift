import Postgres

/// Which tenants' mail is slowed or paused, and through which accounts: what the rest of the directory shows of it.
struct Restrictions: Sendable {
    private struct Pair: Hashable {
        let account: String
        let tenantID: Int32
    }

    private var states: [Pair: StandingState] = [:]

    static func load(_ connection: PostgresConnection) async throws -> Restrictions {
        var restrictions = Restrictions()
        let rows = try await connection.query(
            """
            SELECT account.name, reputation.tenant_id, reputation.state
            FROM reputation JOIN account ON account.id = reputation.account_id
            WHERE reputation.tenant_id > 0 AND reputation.state IN ('slowed', 'paused')
            """
        ).decode(String.self, Int32.self, String.self)
        for (account, tenantID, state) in rows {
            restrictions.states[Pair(account: account, tenantID: tenantID)] = StandingState(rawValue: state)
        }
        return restrictions
    }

    func apply(to lanes: [Lane], of accounts: [Account]) -> [Lane] {
        guard !states.isEmpty else { return lanes }
        let accounts = Dictionary(uniqueKeysWithValues: accounts.map { ($0.id, $0) })
        return lanes.map { lane in
            guard let account = accounts[lane.accountID] else { return lane }
            var lane = lane
            switch states[Pair(account: account.name, tenantID: lane.tenantID)] {
            case .slowed: lane.ceiling = account.reputation.slowRate
            case .paused: lane.ceiling = 0
            case .ok, .warned, nil: break
            }
            return lane
        }
    }

    func apply(to routes: [String: Route], tenantID: Int32) -> [String: Route] {
        guard !states.isEmpty else { return routes }
        return routes.mapValues { route in
            var route = route
            route.isPaused = states[Pair(account: route.account, tenantID: tenantID)] == .paused
            return route
        }
    }
}
