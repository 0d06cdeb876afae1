import Foundation
import Measure
import NIOHTTP1

/// Mail through the simulator with bounces, complaints and delays, its events doubled, reordered and late, the node that takes
/// feedback killed while they come: what stands in the database and at the tenant's endpoint afterwards, and how long it took.
struct FeedbackRun: Sendable {
    static let topic = "arn:aws:sns:eu-central-1:123456789012:sluice-feedback"

    let messages: Int
    let rate: Int
    let kills: Int
    let seed: UInt64
    let server: DatabaseServer

    static func plan(rate: Int, notify: (@Sendable ([Int]) -> String)?, seed: UInt64, faults: String?) -> BedPlan {
        var plan = BedPlan()
        plan.rate = rate
        plan.shares = [SharePlan("all", rate: rate, ceiling: nil)]
        plan.nodes = 2
        plan.roles = ["gateway,dispatch,webhooks", "feedback"]
        plan.account = ["sns_topics: [\"\(topic)\"]", BedPlan.anyReputation]
        plan.configuration = """
            feedback: {trusted_certificates: [FOLDER/simulator.pem.crt]}
            webhooks: {allow_networks: [127.0.0.0/8], allow_http: true}

            """
        plan.simulator = { ports, folder in
            var arguments = ["--certificate", "\(folder)/simulator.pem", "--topic", topic, "--seed", "\(seed)"]
            if let notify {
                arguments += [
                    "--notify", notify(ports), "--notify-retries", "30", "--notify-backoff", "2s", "--event-delay",
                    "20ms..500ms", "--bounce-rate", "0.02", "--complaint-rate", "0.001", "--delay-rate", "0.05",
                ]
            }
            if let faults {
                let file = "\(folder)/faults.yaml"
                try? Data(faults.utf8).write(to: URL(filePath: file))
                arguments += ["--faults", file]
            }
            return arguments
        }
        return plan
    }

    private static let faults = """
        faults:
          - {fault: duplicate, operation: event, probability: 0.05}
          - {fault: reorder, operation: event, probability: 0.05}
          - {fault: delay, operation: event, probability: 0.02, delay: 3s}

        """

    func run() async throws -> FeedbackResult {
        let plan = Self.plan(
            rate: rate,
            notify: { "http://127.0.0.1:\($0[1])/feedback/sns/main" },
            seed: seed,
            faults: Self.faults
        )
        return try await Bed.with(plan, server: server) { bed in
            let inbox = WebhookInbox()
            let receiver = try await HTTPReceiver.start { inbox.take($0) }
            defer { receiver.close() }
            try await subscribe(bed, "http://127.0.0.1:\(receiver.port)/hook")
            let start = BootTime.now()
            try await post(bed)
            let posted = BootTime.seconds(start, BootTime.now())
            Terminal.progress("\(messages) posted in \(Figures.seconds(posted))")
            try await settled(bed)
            let check = FeedbackCheck(bed: bed)
            try await eventually("the endpoint has every event", within: 900, every: 1) {
                let rows = try await bed.server.query("SELECT count(*) FROM feed;", database: bed.database)
                return rows.first.flatMap { Int($0) } == inbox.count
            }
            let passed = BootTime.seconds(start, BootTime.now())
            let arrivals = inbox.all
            let feedback = arrivals.values.filter { ["email.delivered", "email.bounced"].contains($0.type) }
            return FeedbackResult(
                messages: messages,
                rate: rate,
                kills: kills,
                seconds: passed,
                events: arrivals.count,
                doubled: arrivals.values.reduce(0) { $0 + $1.times - 1 },
                wrongStatuses: try await check.wrongStatuses(),
                wrongEvents: try await check.wrongEvents(),
                wrongPlaces: try await check.wrongPlaces(),
                wrongWebhooks: try await check.wrongWebhooks(inbox),
                eventToWebhook: Spread(feedback.map(\.delay))
            )
        }
    }

    private func subscribe(_ bed: Bed, _ url: String) async throws {
        let answer = try await bed.anyNode.tenants.send(
            .POST,
            "/webhooks",
            headers: [("Authorization", "Bearer \(bed.keys[0])"), ("Content-Type", "application/json")],
            body: Array(#"{"url":"\#(url)"}"#.utf8)
        )
        guard answer.status == 201 else { throw Failure("POST /webhooks answered \(answer.status): \(answer.text)") }
    }

    /// Posts all, and kills the node that takes feedback so often on the way.
    private func post(_ bed: Bed) async throws {
        let posts = Posts(bed)
        let (orders, feed) = AsyncStream.makeStream(of: Order.self, bufferingPolicy: .unbounded)
        for _ in 0..<messages { feed.yield(Order(share: 0, recipients: 1)) }
        feed.finish()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await posts.run(orders, clients: 32) }
            group.addTask {
                let node = bed.nodes[1]
                for kill in 0..<kills {
                    let share = messages * (kill + 1) / (kills + 1)
                    try await eventually("\(share) are posted", within: 3600, every: 0.1) {
                        posts.notes.accepted.count >= share
                    }
                    try await node.child.crash()
                    Terminal.progress("feedback node killed")
                    try await pause(2)
                    try await bed.restart(node)
                }
            }
            try await group.waitForAll()
        }
    }

    private struct Summary: Decodable {
        struct Events: Decodable {
            let idle: Bool
            let lost: Int
        }

        let events: Events
    }

    /// Waits until the simulator has said everything and was answered; then it is applied.
    private func settled(_ bed: Bed) async throws {
        try await eventually("all feedback is taken", within: 3600, every: 1) {
            let rows = try await bed.server.query(
                "SELECT count(*) FROM outbox WHERE status < 50;",
                database: bed.database
            )
            guard rows == ["0"] else { return false }
            let body = try await bed.simulator.peer.get("/_simulator/summary").body
            let events = try JSONDecoder().decode(Summary.self, from: Data(body)).events
            guard events.lost == 0 else { throw Failure("the simulator gave up \(events.lost) notifications") }
            return events.idle
        }
        // Places in the feed follow the commits.
        try await eventually("every event has a place", within: 60, every: 0.2) {
            try await bed.server.query("SELECT count(*) FROM event_batch;", database: bed.database) == ["0"]
        }
    }
}
