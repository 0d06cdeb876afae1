import Foundation
import Measure
import NIOHTTP1
import Synchronization

/// Single posts at an even rate, whatever becomes of the earlier ones (open loop); SES's words for them come through a queue, and
/// a tenant's endpoint gets each delivery.
struct MixedRun: Sendable {
    private static let warmUp = 3.0
    private static let text = String(repeating: "The quick brown fox jumps over the lazy dog. ", count: 42)

    let rate: Int
    let seconds: Double
    let server: DatabaseServer

    func run() async throws -> MixedResult {
        let queue = QueueServer()
        let endpoint = try await HTTPReceiver.start { queue.take($0) }
        defer { endpoint.close() }
        let inbox = WebhookInbox()
        let receiver = try await HTTPReceiver.start { inbox.take($0) }
        defer { receiver.close() }
        return try await Bed.with(plan("http://127.0.0.1:\(endpoint.port)/123456789012/sluice"), server: server) {
            bed in
            try await subscribe(bed, "http://127.0.0.1:\(receiver.port)/hook")
            let warm = try await post(bed, seconds: Self.warmUp)
            try await idle(bed, queue)
            try await eventually("the warm-up is told", within: 30) { inbox.count >= warm.accepted.count }
            queue.begin()
            let before = try processors(bed)
            let earlier = Set(inbox.all.keys)
            let start = BootTime.now()
            let notes = try await post(bed, seconds: seconds)
            let passed = BootTime.seconds(start, BootTime.now())
            let after = try processors(bed)
            try await idle(bed, queue)
            try? await eventually("every delivery is told", within: 30) {
                inbox.count - earlier.count >= notes.accepted.count
            }
            let sends = try await bed.simulator.ledger().filter { $0.outcome == .accepted }
            let times = Dictionary(sends.compactMap { send in send.row.map { ($0.message, send.at) } }) { first, _ in
                first
            }
            let told = inbox.all.filter { !earlier.contains($0.key) }
            let used = zip(after, before).map { ($0 - $1) / passed }
            return MixedResult(
                rate: rate,
                seconds: passed,
                accepted: notes.accepted.count,
                refused: notes.refused,
                sent: notes.accepted.keys.count { times[$0] != nil },
                intendedToAccepted: Spread(notes.accepted.values.map { BootTime.seconds($0.intended, $0.at) }),
                acceptedToSent: Spread(
                    notes.accepted.compactMap { id, post in times[id].map { max(0, BootTime.seconds(post.at, $0)) } }
                ),
                intendedToSent: Spread(
                    notes.accepted.compactMap { id, post in times[id].map { BootTime.seconds(post.intended, $0) } }
                ),
                queueToApplied: Spread(queue.delays),
                eventToWebhook: Spread(told.values.map(\.delay)),
                webhooks: told.count,
                node: used[0],
                database: used[1],
                simulator: used[2],
                clients: used[3]
            )
        }
    }

    private func plan(_ queue: String) -> BedPlan {
        var plan = BedPlan()
        plan.rate = 5 * rate
        plan.shares = [SharePlan("all", rate: 5 * rate, ceiling: nil)]
        plan.latency = "30ms"
        plan.account = ["sqs_queue_url: \(queue)"]
        plan.configuration = "webhooks: {allow_networks: [127.0.0.0/8], allow_http: true}\n"
        plan.simulator = { _, _ in
            ["--notify-queue", queue, "--queue-format", "raw", "--event-delay", "20ms..500ms"]
        }
        return plan
    }

    private func subscribe(_ bed: Bed, _ url: String) async throws {
        let answer = try await bed.anyNode.tenants.send(
            .POST,
            "/webhooks",
            headers: headers(bed),
            body: Array(#"{"url":"\#(url)","events":["email.delivered"]}"#.utf8)
        )
        guard answer.status == 201 else { throw Failure("POST /webhooks answered \(answer.status): \(answer.text)") }
    }

    private func headers(_ bed: Bed) -> [(String, String)] {
        [("Authorization", "Bearer \(bed.keys[0])"), ("Content-Type", "application/json")]
    }

    /// Of the node, PostgreSQL, the simulator and this process.
    private func processors(_ bed: Bed) throws -> [Double] {
        try [
            bed.anyNode.child.processorSeconds(), bed.server.processorSeconds(),
            bed.simulator.child.processorSeconds(),
            ProcessorTime.seconds(of: ProcessInfo.processInfo.processIdentifier),
        ]
    }

    private func idle(_ bed: Bed, _ queue: QueueServer) async throws {
        try await eventually("all that was accepted is delivered", within: 120, every: 0.5) {
            try await bed.server.query("SELECT count(*) FROM outbox WHERE status < 80;", database: bed.database) == [
                "0"
            ]
        }
        try await eventually("the queue is empty", within: 30) { queue.isEmpty }
    }

    // MARK: Posts

    private final class NoteBook: Sendable {
        let notes = Mutex(Notes())
    }

    private struct Notes: Sendable {
        struct Post: Sendable {
            let intended: Int64
            let at: Int64
        }

        var accepted: [RowID: Post] = [:]
        var refused = 0
    }

    /// Each post has its own instant, and a client of its own if none is free.
    private func post(_ bed: Bed, seconds: Double) async throws -> Notes {
        let peer = try bed.anyNode.tenants
        let headers = headers(bed)
        let book = NoteBook()
        let start = BootTime.now()
        let count = Int(seconds * Double(rate))
        try await withThrowingTaskGroup(of: Void.self) { group in
            var next = 0
            while next < count {
                let due = min(count, Int(BootTime.seconds(start, BootTime.now()) * Double(rate)) + 1)
                while next < due {
                    let (number, intended) = (next, start + Int64(Double(next) / Double(rate) * 1e9))
                    group.addTask { try await self.post(number, intended, peer, headers, book) }
                    next += 1
                }
                try await pause(0.001)
            }
            try await group.waitForAll()
        }
        return book.notes.withLock(\.self)
    }

    private func post(
        _ number: Int,
        _ intended: Int64,
        _ peer: HTTPPeer,
        _ headers: [(String, String)],
        _ book: NoteBook
    ) async throws {
        let body = """
            {"from":"Shop <shop@t0.example>","to":["r\(number)@example.org"],"subject":"Number \(number)",\
            "text":"\(Self.text)"}
            """
        let answer = try await peer.send(.POST, "/send", headers: headers, body: Array(body.utf8))
        let now = BootTime.now()
        guard answer.status == 202, let id = Posts.id(answer) else {
            book.notes.withLock { $0.refused += 1 }
            return
        }
        book.notes.withLock { $0.accepted[id] = Notes.Post(intended: intended, at: now) }
    }
}
