import Directory
import FoundationEssentials

/// How soon a queue may give a message up to its dead-letter queue. Pure.
enum RedriveRule {
    /// A message that is received while we cannot take it counts, and so do restarts of ours.
    static let fewest = 10

    /// - Parameter policy: the queue's attribute `RedrivePolicy`; nil for none.
    static func finding(_ account: Account, url: String, policy: String?) -> FeedbackFinding? {
        struct Policy: Decodable {
            let maxReceiveCount: Int
            let deadLetterTargetArn: String

            enum CodingKeys: CodingKey { case maxReceiveCount, deadLetterTargetArn }

            init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: CodingKeys.self)
                deadLetterTargetArn = try members.decode(String.self, forKey: .deadLetterTargetArn)
                // SQS writes a number, and takes text.
                let text = try? members.decode(String.self, forKey: .maxReceiveCount)
                maxReceiveCount =
                    try text.flatMap { Int($0) } ?? members.decode(Int.self, forKey: .maxReceiveCount)
            }
        }
        guard let policy, let policy = try? JSONDecoder().decode(Policy.self, from: Data(policy.utf8)),
            policy.maxReceiveCount < fewest
        else { return nil }
        return FeedbackFinding(
            .warning,
            "\(account.name) queue",
            "gives a message to its dead-letter queue after \(policy.maxReceiveCount) receipts, which a few restarts use up: "
                + "aws sqs set-queue-attributes --queue-url \(url) --attributes "
                + #"'{"RedrivePolicy":"{\"deadLetterTargetArn\":\"\#(policy.deadLetterTargetArn)\",\"maxReceiveCount\":\"\#(fewest)\"}"}'"#
        )
    }
}
