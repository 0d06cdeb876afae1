import Foundation
import Measure
import NIOHTTP1
import Synchronization

/// Clients that post at random instants, each message once, and write down every answer.
final class FaultLoad: Sendable {
    /// Messages per second.
    private static let rate = 40.0
    /// How long a client waits for an answer.
    private static let patience = 8.0

    private struct State {
        var posts: [Int: FaultWitness.Post] = [:]
        var strange: [String] = []
        var random: SplitMix64
    }

    /// What one client is about to post.
    private struct Draft {
        var number: Int
        var share: Int
        var recipients: Int
        var members: String
    }

    private let gateways: [HTTPPeer]
    private let key: String
    private let shares: [SharePlan]
    private let state: Mutex<State>

    init(gateways: [HTTPPeer], key: String, shares: [SharePlan], seed: UInt64) {
        self.gateways = gateways
        self.key = key
        self.shares = shares
        state = Mutex(State(random: SplitMix64(seed: seed)))
    }

    var posts: [Int: FaultWitness.Post] { state.withLock(\.posts) }
    /// Answers that no client should ever get.
    var strange: [String] { state.withLock(\.strange) }

    /// Posts for so many seconds, and waits for the answers.
    func run(seconds: Double) async throws {
        let end = BootTime.now() + Int64(seconds * 1e9)
        try await withThrowingDiscardingTaskGroup { group in
            var number = 0
            while BootTime.now() < end {
                number += 1
                let (next, rest) = draw(number)
                group.addTask { await self.post(next) }
                try await pause(rest)
            }
        }
    }

    /// A message, and the seconds until the one after it.
    private func draw(_ number: Int) -> (Draft, Double) {
        state.withLock { state in
            let draft = draft(number, &state.random)
            return (draft, -log(Double.random(in: 0.001...1, using: &state.random)) / Self.rate)
        }
    }

    private func draft(_ number: Int, _ random: inout SplitMix64) -> Draft {
        let kind = Int.random(in: 0..<20, using: &random)
        let share = Int.random(in: 0..<shares.count, using: &random)
        let recipients = kind < 15 ? 1 : Int.random(in: 2...3, using: &random)
        var members = #""region":"\#(shares[share].name)","priority":"\#(["high", "normal", "bulk"][number % 3])""#
        if kind == 18 { members += #","split":false"# }
        if kind == 19 {
            let at = Date(timeIntervalSinceNow: Double.random(in: 0.5...4, using: &random))
            members += #","scheduled_at":"\#(at.formatted(.iso8601))""#
        }
        return Draft(number: number, share: share, recipients: recipients, members: members)
    }

    /// `r12-0@example.org` is the first recipient of post 12.
    static func post(of address: Substring) -> Int? {
        guard address.first == "r", let end = address.firstIndex(of: "-") else { return nil }
        return Int(address[address.index(after: address.startIndex)..<end])
    }

    private func post(_ draft: Draft) async {
        let isLater = draft.members.contains("scheduled_at")
        let readers = (0..<draft.recipients).map { #""r\#(draft.number)-\#($0)@example.org""# }.joined(separator: ",")
        let body = """
            {"from":"Shop <shop@t0.example>","to":[\(readers)],"subject":"Number \(draft.number)","text":"Hello",\
            \(draft.members)}
            """
        let answer = await answer(to: body, isScheduled: isLater, by: gateways[draft.number % gateways.count])
        state.withLock { state in
            state.posts[draft.number] = .init(share: draft.share, recipients: draft.recipients, answer: answer)
        }
    }

    private struct Accepted: Decodable {
        let id: String
    }

    private struct Problem: Decodable {
        let code: String
    }

    private func answer(
        to body: String,
        isScheduled: Bool,
        by gateway: HTTPPeer
    ) async -> FaultWitness.Post.Answer {
        let headers = [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json")]
        let answer: HTTPAnswer
        do {
            answer = try await gateway.send(
                .POST,
                "/send",
                headers: headers,
                body: Array(body.utf8),
                timeout: Self.patience
            )
        } catch HTTPFailure.unreachable {
            return .refused
        } catch {
            return .uncertain
        }
        let body = Data(answer.body)
        if answer.status == 202, let id = try? JSONDecoder().decode(Accepted.self, from: body).id,
            let row = RowID(id.utf8)
        {
            return .accepted(row)
        }
        let code = (try? JSONDecoder().decode(Problem.self, from: body).code) ?? ""
        switch (answer.status, code) {
        // A commit whose answer was lost is answered so, too.
        case (503, "database_unavailable"): return .uncertain
        case (503, _), (429, _): return .refused
        // Its time has passed: it came late, or the clock was stepped.
        case (422, "invalid_message") where isScheduled: return .refused
        default:
            state.withLock { $0.strange.append("a client was answered \(answer.status): \(answer.text.prefix(200))") }
            return answer.status < 500 ? .refused : .uncertain
        }
    }
}
