import Directory
import Foundation
import Logging
import Mail
import Outbox
import Postgres
import ServiceLifecycle
import Synchronization
import Yams

/// A database with an account (AT 30/s, UK 10/s), two tenants, and a node with a lease.
final class World: Sendable {
    static let document = """
        - name: main
          aws_region: eu-central-1
          endpoint: http://127.0.0.1:1
          quota: {rate: 50, daily: 50000}
          shares:
            AT: {rate: 30, lend: false}
            UK: {rate: 10, ceiling: 20, shares: {apa: {rate: 6}}}
            other: {rate: 10, ceiling: null}
        """
    static let tenants = """
        - name: apa
          from_domains: [apa.example]
          default_region: AT
          regions: {AT: main/AT, UK: main/UK}
        - name: standard
          from_domains: [standard.example]
          regions: {AT: main/AT}
        """

    let pool: PostgresPool
    let directory: DirectorySnapshot
    let node = "test-node"
    let epoch: Int64 = 1
    private let ids = Mutex(MessageIDGenerator())

    static func parse() throws -> DirectoryDocument {
        DirectoryDocument(
            accounts: try YAMLDecoder().decode([AccountDocument].self, from: document),
            tenants: try YAMLDecoder().decode([TenantDocument].self, from: tenants)
        )
    }

    init(_ pool: PostgresPool) async throws {
        self.pool = pool
        _ = try await DirectoryStore(pool: pool).apply(try Self.parse(), actor: "test")
        directory = try await DirectoryLoader.load(pool)
        _ = try await pool.query("INSERT INTO lease (node, epoch) VALUES (\(node), \(epoch))")
    }

    var account: Account {
        get throws { try find(directory.account(named: "main")) }
    }

    func lane(_ tenant: String, _ region: String, _ stream: String = "transactional") throws -> Int32 {
        try find(directory.tenant(named: tenant)?.route(region: region)?.lanes[stream])
    }

    func claimer() throws -> Claimer {
        Claimer(pool: pool, accountID: try account.id, node: node, epoch: epoch)
    }

    func message(
        tenant: String = "apa",
        region: String = "AT",
        priority: Priority = .normal,
        recipients: [String] = ["a@b.example"],
        split: Bool = true,
        scheduledAt: Date? = nil,
        expiresAt: Date? = nil
    ) throws -> NewMessage {
        var random = SystemRandomNumberGenerator()
        let id = ids.withLock {
            $0.next(milliseconds: Int64(Date().timeIntervalSince1970 * 1000), using: &random)
        }
        return NewMessage(
            id: id,
            tenantID: try find(directory.tenant(named: tenant)?.id),
            laneID: try lane(tenant, region),
            region: region,
            stream: .transactional,
            priority: priority,
            split: split,
            recipients: recipients.map { NewMessage.Recipient(email: $0, kind: .to) },
            sender: "Shop <shop@\(tenant).example>",
            subject: "Hello",
            tags: #"{"k": "v"}"#,
            metadata: nil,
            content: try StoredContent(.raw(Array("MIME".utf8))),
            scheduledAt: scheduledAt,
            expiresAt: expiresAt
        )
    }

    /// Accepts messages through the real writer.
    func accept(_ messages: [NewMessage]) async throws {
        let writer = AcceptWriter(pool: pool, logger: Logger(label: "test"))
        try await withThrowingTaskGroup { group in
            group.addTask { try await writer.run() }
            try await withThrowingTaskGroup { accepts in
                for message in messages { accepts.addTask { _ = try await writer.accept(message) } }
                try await accepts.waitForAll()
            }
            group.cancelAll()
        }
    }

    /// Claims up to `count` recipients of a lane and loads the calls.
    func claim(_ lane: Int32, _ count: Int, priority: Priority = .normal) async throws -> [ClaimedCall] {
        let claimer = try claimer()
        let claimed = try await claimer.claim([ClaimWant(laneID: lane, priority: priority, recipients: count)])
        guard let id = claimed.id else { return [] }
        return try await claimer.load(claimed.answers.flatMap(\.entries).map(\.id), claimID: id)
    }

    /// Settles outcomes through the real settler.
    @discardableResult
    func settle(_ outcomes: [Outcome]) async throws -> Settler {
        let settler = Settler(pool: pool, logger: Logger(label: "test"))
        for (claim, group) in Dictionary(grouping: outcomes, by: \.call.claimID) {
            settler.open(claim: claim, entries: group.count)
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await settler.run() }
            for outcome in outcomes { settler.settle(outcome) }
            while settler.pending > 0 { try await Task.sleep(for: .milliseconds(2)) }
            group.cancelAll()
        }
        return settler
    }

    func view(_ message: NewMessage) async throws -> MessageView {
        try find(try await MessageReader(pool: pool).message(message.id, tenantID: message.tenantID))
    }

    func statuses(_ message: NewMessage) async throws -> [MessageStatus] {
        try await view(message).recipients.map(\.status)
    }

    func events(_ message: NewMessage) async throws -> [EventType] {
        try find(try await MessageReader(pool: pool).events(message.id, tenantID: message.tenantID)).events
            .map(\.type)
    }

    func count(_ table: String) async throws -> Int {
        try find(try await pool.query("SELECT count(*) FROM \(raw: table)").decode(Int.self).first)
    }

    private func find<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw NotFound() }
        return value
    }

    struct NotFound: Error {}
}
