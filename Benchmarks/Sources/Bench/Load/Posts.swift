import Measure
import NIOHTTP1
import Synchronization

/// Clients of all nodes: they post what is wanted until somebody promises to send it, and note every answer.
final class Posts: Sendable {
    struct Notes: Sendable {
        var accepted: [RowID: Traffic.Acceptance] = [:]
        /// Posts without an answer, or with one that leaves open whether they were accepted.
        var uncertain = 0
        /// Refusals by their status.
        var refused: [Int: Int] = [:]
    }

    private struct Gateway: Sendable {
        let peer: HTTPPeer
        var restsUntil: Int64 = 0
    }

    private let shares: [SharePlan]
    private let keys: [String]
    private let gateways: Mutex<[Gateway]>
    private let notesKept = Mutex(Notes())
    private let number = Atomic<Int>(0)

    init(_ bed: Bed) {
        shares = bed.plan.shares
        keys = bed.keys
        gateways = Mutex(
            bed.nodes.filter { bed.plan.roles.isEmpty || bed.plan.roles[$0.number - 1].contains("gateway") }
                .map { Gateway(peer: $0.tenants) }
        )
    }

    var notes: Notes { notesKept.withLock(\.self) }

    /// Posts what comes until the stream ends or it is cancelled, with so many clients at once.
    func run(_ orders: AsyncStream<Order>, clients: Int = 16) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running = 0
            for await order in orders {
                if running == clients {
                    try await group.next()
                    running -= 1
                }
                group.addTask { _ = try await self.post(order) }
                running += 1
            }
            try await group.waitForAll()
        }
    }

    /// Posts one message.
    /// - Returns: its id and when the 202 had come.
    func post(_ order: Order) async throws -> (message: RowID, at: Int64) {
        let body = Array(body(order).utf8)
        while true {
            try Task.checkCancellation()
            let (index, peer) = gateway()
            if let id = try await offer(body, tenant: order.tenant, to: peer) {
                let at = BootTime.now()
                let acceptance = Traffic.Acceptance(
                    at: at,
                    share: order.share,
                    recipients: order.recipients,
                    lane: order.tenant
                )
                notesKept.withLock { $0.accepted[id] = acceptance }
                return (id, at)
            }
            // Let it be for a while; the others go on.
            gateways.withLock { $0[index].restsUntil = BootTime.now() + 500_000_000 }
            try await pause(0.02)
        }
    }

    /// The message's id when it was accepted; nil when somebody else is to be asked, or the same one later.
    private func offer(_ body: [UInt8], tenant: Int, to peer: HTTPPeer) async throws -> RowID? {
        let headers = [("Authorization", "Bearer \(keys[tenant])"), ("Content-Type", "application/json")]
        let answer: HTTPAnswer
        do {
            answer = try await peer.send(.POST, "/send", headers: headers, body: body, timeout: 2)
        } catch HTTPFailure.unanswered {
            notesKept.withLock { $0.uncertain += 1 }
            return nil
        } catch HTTPFailure.unreachable {
            return nil
        }
        if answer.status == 202, let id = Self.id(answer) { return id }
        guard answer.status >= 500 || answer.status == 429 else {
            throw Failure("POST /send answered \(answer.status): \(answer.text)")
        }
        notesKept.withLock { notes in
            notes.refused[answer.status, default: 0] += 1
            // A commit whose answer was lost is refused with 503, too.
            if answer.status >= 500 { notes.uncertain += 1 }
        }
        return nil
    }

    /// The next gateway in turn, leaving out those that failed just now.
    private func gateway() -> (Int, HTTPPeer) {
        let turn = number.wrappingAdd(1, ordering: .relaxed).oldValue
        let now = BootTime.now()
        return gateways.withLock { gateways in
            let order = gateways.indices.map { ($0 + turn) % gateways.count }
            let index = order.first { gateways[$0].restsUntil <= now } ?? order[0]
            return (index, gateways[index].peer)
        }
    }

    private func body(_ order: Order) -> String {
        let number = number.load(ordering: .relaxed)
        let readers = (0..<order.recipients).map { #""r\#(number)-\#($0)@example.org""# }
        return """
            {"from":"Shop <shop@t\(order.tenant).example>","to":[\(readers.joined(separator: ","))],\
            "subject":"Number \(number)","text":"Hello","region":"\(shares[order.share].name)"}
            """
    }

    /// The id in a 202.
    static func id(_ answer: HTTPAnswer) -> RowID? {
        let marker = Array(#""id":""#.utf8)
        guard let start = answer.body.firstRange(of: marker)?.upperBound else { return nil }
        return RowID(answer.body[start...].prefix(36))
    }
}
