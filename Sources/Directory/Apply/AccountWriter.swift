import Capacity
import Foundation
import Postgres

/// The statements that write an account and its shares. Each raises the account's version.
enum AccountWriter {
    static func write(_ account: AccountDocument, on connection: PostgresConnection) async throws {
        var rate: Double?
        var daily: Int64?
        var evenOut = false
        if case .fixed(let fixedRate, let fixedDaily, let isEvenedOut) = account.quota {
            (rate, daily, evenOut) = (fixedRate, fixedDaily, isEvenedOut)
        }
        var profile: String?
        var role: String?
        switch account.credentials {
        case .profile(let name): profile = name
        case .role(let arn): role = arn
        case nil: break
        }
        let id = try await connection.query(
            """
            INSERT INTO account (name, aws_region, endpoint, quota_rate, quota_daily, quota_even_out, credit_window,
                                 configuration_set, credentials, sns_topics, sqs_queue_url, mirror_suppressions)
            VALUES (\(account.name), \(account.awsRegion), \(account.endpoint), \(rate), \(daily), \(evenOut),
                    \(account.window.rawValue), \(account.configurationSet),
                    nullif(jsonb_strip_nulls(jsonb_build_object('profile', \(profile), 'role_arn', \(role))), '{}'),
                    \(account.snsTopics), \(account.sqsQueueURL), \(account.mirrorsSuppressions))
            ON CONFLICT (name) DO UPDATE SET
                aws_region = excluded.aws_region, endpoint = excluded.endpoint, quota_rate = excluded.quota_rate,
                quota_daily = excluded.quota_daily, quota_even_out = excluded.quota_even_out,
                credit_window = excluded.credit_window, configuration_set = excluded.configuration_set,
                credentials = excluded.credentials, sns_topics = excluded.sns_topics,
                sqs_queue_url = excluded.sqs_queue_url, mirror_suppressions = excluded.mirror_suppressions,
                version = account.version + 1
            RETURNING id
            """
        ).decode(Int32.self).first
        guard let id else { return }
        let usual = account.reputation == ReputationThresholds()
        let reputation = try usual ? nil : String(decoding: JSONEncoder().encode(account.reputation), as: UTF8.self)
        _ = try await connection.query(
            "UPDATE account SET reputation = \(reputation)::jsonb WHERE id = \(id)"
        )
        _ = try await connection.query(
            "INSERT INTO share (account_id, path) VALUES (\(id), '') ON CONFLICT (account_id, path) DO NOTHING"
        )
        try await write(ShareRow.flatten(account.shares), account: id, on: connection)
    }

    /// - Returns: the account's new version.
    static func setPaused(_ account: Int32, _ isPaused: Bool, on connection: PostgresConnection) async throws -> Int64 {
        try await connection.query(
            "UPDATE account SET paused = \(isPaused), version = version + 1 WHERE id = \(account) RETURNING version"
        ).decode(Int64.self).first ?? 0
    }

    private static func write(_ rows: [ShareRow], account: Int32, on connection: PostgresConnection) async throws {
        let ceilings: [Int32?] = rows.map { row in
            guard case .credits(let credits) = row.share.ceiling else { return nil }
            return Int32(credits)
        }
        _ = try await connection.query(
            """
            INSERT INTO share (account_id, path, rate, ceiling, ceiling_parent, weight, lend, position)
            SELECT \(account), path, rate, ceiling, ceiling_parent, weight, lend, place
            FROM unnest(\(rows.map(\.path)), \(rows.map { Int32($0.share.rate) }), \(ceilings),
                        \(rows.map { $0.share.ceiling == .parent }), \(rows.map { Int32($0.share.weight) }),
                        \(rows.map(\.share.lend)))
                WITH ORDINALITY AS s (path, rate, ceiling, ceiling_parent, weight, lend, place)
            ON CONFLICT (account_id, path) DO UPDATE SET
                rate = excluded.rate, ceiling = excluded.ceiling, ceiling_parent = excluded.ceiling_parent,
                weight = excluded.weight, lend = excluded.lend, position = excluded.position
            WHERE (share.rate, share.ceiling, share.ceiling_parent, share.weight, share.lend, share.position)
                IS DISTINCT FROM (excluded.rate, excluded.ceiling, excluded.ceiling_parent, excluded.weight,
                                  excluded.lend, excluded.position)
            """
        )
    }
}
