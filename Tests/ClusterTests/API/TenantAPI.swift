import Foundation
import Outbound

/// The tenant API of one node, with one tenant's key.
struct TenantAPI: Sendable {
    let url: String
    let key: String

    private var headers: HeaderFields {
        ["Authorization": "Bearer \(key)", "Content-Type": "application/json"]
    }

    func post(_ submission: Submission) async throws -> OutboundResponse {
        let body = try JSONEncoder().encode(submission)
        return try await LocalHTTP.send(.post, url + "/send", headers: headers, body: Array(body))
    }

    /// Wants 202.
    func send(_ submission: Submission) async throws -> Acceptance {
        let answer = try await post(submission)
        guard answer.status == 202 else {
            throw TestFailure("POST /send answered \(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONDecoder().decode(Acceptance.self, from: Data(answer.body))
    }

    func message(_ id: String) async throws -> MessageAnswer {
        try await LocalHTTP.get("\(url)/messages/\(id)", headers: headers, as: MessageAnswer.self)
    }

    func messages(_ ids: some Collection<String>) async throws -> [MessageAnswer] {
        try await concurrently(ids) { try await message($0) }
    }

    /// The types of a message's events, in order.
    func events(_ id: String) async throws -> [String] {
        try await LocalHTTP.get("\(url)/messages/\(id)/events", headers: headers, as: EventsAnswer.self).data.map(
            \.type
        )
    }

    func cancel(_ id: String) async throws -> OutboundResponse {
        try await LocalHTTP.send(.post, "\(url)/messages/\(id)/cancel", headers: headers)
    }

    /// Waits until nothing more comes of the messages, and returns them as they are then.
    func ended(_ ids: some Collection<String>, within limit: Duration = .seconds(90)) async throws -> [String:
        MessageAnswer]
    {
        var ended: [String: MessageAnswer] = [:]
        var open = Set(ids)
        var last: [MessageAnswer] = []
        do {
            try await eventually("\(ids.count) messages end", within: limit, every: .milliseconds(200)) {
                last = try await messages(open)
                for message in last where message.hasEnded {
                    ended[message.id] = message
                    open.remove(message.id)
                }
                return open.isEmpty
            }
        } catch let error as TestFailure {
            let left = last.filter { open.contains($0.id) }
            let counts = Dictionary(grouping: left, by: \.status).mapValues(\.count)
            throw TestFailure("\(error); left are \(counts), one of them: \(left.first.map { "\($0)" } ?? "")")
        }
        return ended
    }
}

extension OutboundResponse {
    /// The problem of a refusal.
    func problem() throws -> ProblemAnswer {
        try JSONDecoder().decode(ProblemAnswer.self, from: Data(body))
    }
}
