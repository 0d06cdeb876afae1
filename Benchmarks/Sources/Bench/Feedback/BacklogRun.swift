import Foundation
import Measure
import NIOHTTP1
import Synchronization

/// Signed events that piled up while nobody took them, delivered as fast as they are taken: one connection for each of a few
/// clients, as SNS does it.
struct BacklogRun: Sendable {
    let messages: Int
    let clients: Int
    let seed: UInt64
    let server: DatabaseServer

    func run() async throws -> BacklogResult {
        let held = Mutex<[Held]>([])
        let confirmation = Mutex<String?>(nil)
        let topic = try await HTTPReceiver.start { request in
            if request.headers.first(name: "x-amz-sns-message-type") == "SubscriptionConfirmation" {
                let text = String(decoding: request.body, as: UTF8.self)
                if let match = text.firstMatch(of: #/"SubscribeURL"\s*:\s*"(?<url>[^"]+)"/#) {
                    confirmation.withLock { $0 = String(match.url).replacing("\\/", with: "/") }
                }
            } else {
                held.withLock { $0.append(Held(request)) }
            }
            return 200
        }
        defer { topic.close() }
        let port = topic.port
        let plan = FeedbackRun.plan(
            rate: 2000,
            notify: { _ in "http://127.0.0.1:\(port)/feedback/sns/main" },
            seed: seed,
            faults: nil
        )
        return try await Bed.with(plan, server: server) { bed in
            try await eventually("the simulator asks for its confirmation", within: 30) {
                confirmation.withLock(\.self) != nil
            }
            if let url = confirmation.withLock(\.self) {
                _ = try await bed.simulator.peer.get(
                    url.replacing("http://127.0.0.1:\(bed.simulator.peer.port)", with: "")
                )
            }
            let posts = Posts(bed)
            let (orders, feed) = AsyncStream.makeStream(of: Order.self, bufferingPolicy: .unbounded)
            for _ in 0..<messages { feed.yield(Order(share: 0, recipients: 1)) }
            feed.finish()
            try await posts.run(orders, clients: 32)
            var last = (count: 0, at: BootTime.now())
            try await eventually("the events have piled up", within: 1800, every: 0.5) {
                let count = held.withLock(\.count)
                if count != last.count { last = (count, BootTime.now()) }
                return count >= 2 * messages && BootTime.seconds(last.at, BootTime.now()) > 3
            }
            return try await drain(held.withLock(\.self), bed)
        }
    }

    private func drain(_ held: [Held], _ bed: Bed) async throws -> BacklogResult {
        let node = bed.nodes[1]
        let before = (try node.child.processorSeconds(), try bed.server.processorSeconds())
        let turns = Turns()
        let start = BootTime.now()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    while true {
                        let index = turns.next()
                        guard index < held.count else { return }
                        while try await !held[index].deliver(to: node.tenants) { try await pause(0.05) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let seconds = BootTime.seconds(start, BootTime.now())
        let after = (try node.child.processorSeconds(), try bed.server.processorSeconds())
        let left = try await bed.server.query("SELECT count(*) FROM outbox WHERE status < 80;", database: bed.database)
        return BacklogResult(
            messages: messages,
            events: held.count,
            clients: clients,
            seconds: seconds,
            node: (after.0 - before.0) / seconds,
            database: max(0, after.1 - before.1) / seconds,
            unapplied: left.first.flatMap { Int($0) } ?? -1
        )
    }

    /// Numbers from 0, each given once.
    private final class Turns: Sendable {
        private let count = Atomic<Int>(0)

        func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
    }

    /// A notification as it came.
    private struct Held: Sendable {
        let headers: [(String, String)]
        let body: [UInt8]

        init(_ request: HTTPReceiver.Request) {
            headers = request.headers.filter {
                $0.name.lowercased().hasPrefix("x-amz") || $0.name.lowercased() == "content-type"
            }
            .map { ($0.name, $0.value) }
            body = request.body
        }

        /// False when it is to be tried again.
        func deliver(to peer: HTTPPeer) async throws -> Bool {
            let answer = try await peer.send(.POST, "/feedback/sns/main", headers: headers, body: body)
            guard answer.status == 200 || answer.status == 503 else {
                throw Failure("a notification was answered \(answer.status): \(answer.text)")
            }
            return answer.status == 200
        }
    }
}
