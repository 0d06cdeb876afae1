import Directory
import Foundation
import Postgres
import Testing

/// What operators are shown of feedback.
@Suite(.timeLimit(.minutes(5))) struct FeedbackReaderTests {
    @Test func sourcesAndCountsAreTheAccounts() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let id = try world.account.id
            let reader = FeedbackReader(pool: pool)
            #expect(try await reader.figures() == [FeedbackFigures(account: "main", sources: [], kept: [:])])
            let time = Date(timeIntervalSince1970: 1_760_000_000)
            _ = try await pool.query(
                """
                INSERT INTO feedback_source (account_id, source, confirmed_at, received_at, events)
                SELECT \(id), 'arn:1', \(time), \(time), 9
                """
            )
            _ = try await pool.query(
                """
                INSERT INTO feedback_kept (account_id, source, reason, detail, body)
                SELECT account_id, '', reason, 'd', body
                FROM (VALUES (\(id)::integer, 'stale', '1'), (\(id)::integer, 'stale', '2'),
                             (NULL::integer, 'not_json', '3'), (-1, 'not_json', '4')) AS v (account_id, reason, body)
                """
            )
            let figures = try await reader.figures()
            #expect(figures.count == 2)
            let source = FeedbackFigures.Source(
                source: "arn:1",
                confirmedAt: time,
                endedAt: nil,
                receivedAt: time,
                eventAt: nil,
                events: 9
            )
            #expect(figures[0] == FeedbackFigures(account: "main", sources: [source], kept: ["stale": 2]))
            #expect(figures[1] == FeedbackFigures(account: nil, sources: [], kept: ["not_json": 2]))
            func bodies(_ account: String?, limit: Int = 9, after: Int64? = nil, before: Int64? = nil) async throws
                -> [String]
            {
                try await reader.kept(account: account, limit: limit, after: after, before: before).map(\.body)
            }
            #expect(try await bodies(nil) == ["4", "3", "2", "1"])
            #expect(try await bodies("main") == ["2", "1"])
            #expect(try await bodies("none").isEmpty)
            let ids = try await reader.kept(account: nil, limit: 9, after: nil, before: nil).map(\.id)
            #expect(try await bodies(nil, limit: 2, after: ids[1]) == ["2", "1"])
            #expect(try await bodies(nil, limit: 2, before: ids[3]) == ["3", "2"])
        }
    }

    @Test func alarmsStayUntilTheyAreTakenOff() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let id = try world.account.id
            _ = try await pool.query(
                """
                INSERT INTO operator_alarm (account_id, kind, object, detail, times)
                SELECT \(id), 'private_relay', object, 'register', 4 FROM unnest(ARRAY['b.example', 'a.example']) AS object
                """
            )
            let reader = FeedbackReader(pool: pool)
            let alarms = try await reader.alarms()
            #expect(alarms.map(\.object) == ["a.example", "b.example"] && alarms[0].times == 4)
            for (account, kind, object) in [
                ("other", "private_relay", "a.example"), ("main", "x", "a.example"), ("main", "private_relay", "c"),
            ] {
                #expect(try await !reader.clearAlarm(account: account, kind: kind, object: object, actor: "k"))
            }
            #expect(
                try await reader.clearAlarm(
                    account: "main",
                    kind: "private_relay",
                    object: "a.example",
                    actor: "admin x"
                )
            )
            #expect(try await reader.alarms().map(\.object) == ["b.example"])
            let entry = try await AuditReader(pool: pool).entries(limit: 1).first
            #expect(entry?.object == "alarm private_relay a.example of account main" && entry?.actor == "admin x")
            #expect(entry?.detail == #"{"change": "raised 4 times"}"#)
            #expect(entry?.before?.contains(#""times": 4"#) == true && entry?.before?.contains("first_at") == true)
        }
    }
}
