import AWS
import FoundationEssentials

extension BulkResult {
    private struct Answer: Decodable {
        private enum CodingKeys: String, CodingKey {
            case results = "BulkEmailEntryResults"
        }

        let results: [BulkEntryAnswer]
    }

    /// The result of a call that was answered. What was refused as a whole, was refused for each of its entries.
    init(_ reply: AWSReply, entries: Int) {
        let whole = SendResult(reply)
        let outcomes: [SendOutcome]
        var refusal: SendFailure?
        if reply.serviceError != nil {
            outcomes = Array(repeating: whole.outcome, count: entries)
            if case .notSent(let failure) = whole.outcome { refusal = failure }
        } else {
            let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply.body))
            let results = answer?.results ?? []
            // With more or fewer results than entries, none can be told to be whose.
            outcomes =
                results.count == entries
                ? results.map(\.outcome)
                : Array(
                    repeating: .unknown(
                        SendFailure(
                            .ambiguous,
                            message: "the answer has \(results.count) results for \(entries) entries"
                        )
                    ),
                    count: entries
                )
        }
        self.init(
            outcomes: outcomes,
            refusal: refusal,
            bodySentAt: whole.bodySentAt,
            endedAt: whole.endedAt,
            isAnswered: whole.isAnswered
        )
    }

    /// The result of a call without an answer.
    init(_ error: AWSError, entries: Int) {
        let whole = SendResult(error)
        self.init(
            outcomes: Array(repeating: whole.outcome, count: entries),
            refusal: nil,
            bodySentAt: whole.bodySentAt,
            endedAt: whole.endedAt,
            isAnswered: whole.isAnswered
        )
    }
}
