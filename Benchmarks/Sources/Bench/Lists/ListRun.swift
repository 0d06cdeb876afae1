import Foundation
import Measure

/// What it takes to find mail among very much of it: each kind of query, for a tenant with half of all and for one with a fiftieth.
struct ListRun: Sendable {
    private static let tenants = 26
    private static let days = 90

    let messages: Int
    /// Of each kind.
    let requests: Int
    let seed: UInt64
    let server: DatabaseServer

    /// What the server has to have loaded.
    static var database: DatabasePlan {
        DatabasePlan(settings: ["shared_preload_libraries=pg_stat_statements"])
    }

    private struct Answer: Decodable {
        struct Entry: Decodable {}

        let data: [Entry]
        let hasMore: Bool

        enum CodingKeys: String, CodingKey {
            case data
            case hasMore = "has_more"
        }
    }

    /// A query, made anew for each request.
    private struct Kind {
        let name: String
        let path: (inout SplitMix64) -> String
    }

    func run(_ progress: (ListResult) -> Void) async throws {
        var plan = BedPlan()
        plan.tenants = Self.tenants
        plan.roles = ["gateway"]
        try await Bed.with(plan, server: server) { bed in
            let mail = StoredMail(bed: bed, messages: messages, days: Self.days, readers: max(1, messages / 20))
            try await mail.fill { Terminal.progress("\(Figures.thousands(Double($0))) messages") }
            try await server.query("CREATE EXTENSION pg_stat_statements;", database: bed.database)
            for tenant in [0, 1] {
                for kind in kinds(readers: mail.readers) {
                    progress(try await measure(kind, bed, tenant))
                }
            }
        }
    }

    private func measure(_ kind: Kind, _ bed: Bed, _ tenant: Int) async throws -> ListResult {
        let peer = try bed.anyNode.tenants
        let headers = [("Authorization", "Bearer \(bed.keys[tenant])")]
        var random = SplitMix64(seed: seed)
        // Connections are open and plans' catalogues read.
        _ = try await peer.get(kind.path(&random), headers: headers)
        try await server.query("SELECT pg_stat_statements_reset();", database: bed.database)
        var times: [Double] = []
        var (entries, cut) = (0, 0)
        for _ in 0..<requests {
            let path = kind.path(&random)
            let start = BootTime.now()
            let body = try await peer.get(path, headers: headers).body
            times.append(BootTime.seconds(start, BootTime.now()))
            let answer = try JSONDecoder().decode(Answer.self, from: Data(body))
            entries += answer.data.count
            cut += answer.hasMore ? 1 : 0
        }
        let (pages, read) = try await pages(bed)
        return ListResult(
            query: kind.name,
            messages: messages,
            own: tenant == 0 ? messages / 2 : messages / 2 / (Self.tenants - 1),
            time: Spread(times),
            pages: Double(pages) / Double(requests),
            read: Double(read) / Double(requests),
            entries: Double(entries) / Double(requests),
            cut: cut
        )
    }

    /// Of all statements on mail since the last reset.
    private func pages(_ bed: Bed) async throws -> (all: Int, read: Int) {
        let rows = try await server.query(
            """
            SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)::bigint, coalesce(sum(shared_blks_read), 0)::bigint
            FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
            WHERE datname = current_database() AND query ~ '(message|outbox|event|usage_day|lane) ' AND query !~ 'pg_stat';
            """,
            database: bed.database
        )
        let counts = rows.first?.split(separator: "|").compactMap { Int($0) } ?? []
        guard counts.count == 2 else { throw Failure("pg_stat_statements has an unknown form: \(rows)") }
        return (counts[0], counts[1])
    }

    private func kinds(readers: Int) -> [Kind] {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        func time(_ random: inout SplitMix64) -> Int64 {
            now - Int64.random(in: 0..<Int64(Self.days) * 86_400_000, using: &random)
        }
        func cursor(_ random: inout SplitMix64) -> String {
            let digits = String(time(&random), radix: 16)
            let head = String(repeating: "0", count: 12 - digits.count) + digits
            return "\(head.prefix(8))-\(head.suffix(4))-7000-8000-000000000000"
        }
        func day(_ random: inout SplitMix64) -> String {
            let start = Date(timeIntervalSince1970: Double(time(&random) / 86_400_000 * 86_400))
            func text(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }
            return "created_after=\(text(start))&created_before=\(text(start.addingTimeInterval(86_400)))"
        }
        return [
            Kind(name: "newest page") { _ in "/messages" },
            Kind(name: "page in the middle") { "/messages?limit=100&after=\(cursor(&$0))" },
            Kind(name: "page of a day") { "/messages?\(day(&$0))" },
            Kind(name: "one address") {
                let reader = Int.random(in: 0..<readers, using: &$0)
                return "/messages?to=reader-\(reader)@d\(reader % 7).example.org"
            },
            Kind(name: "failed messages") { _ in "/messages?status=failed" },
            Kind(name: "a rare tag") { "/messages?tag=rare&after=\(cursor(&$0))" },
            Kind(name: "recipients") { "/recipients?limit=100&after=\(cursor(&$0).dropLast() + "1")" },
            Kind(name: "bounced") { "/recipients?status=bounced&after=\(cursor(&$0).dropLast() + "1")" },
            Kind(name: "bounced at a domain") { "/recipients?status=bounced&domain=d3.example.org&\(day(&$0))" },
            Kind(name: "usage") { _ in "/usage" },
        ]
    }
}
