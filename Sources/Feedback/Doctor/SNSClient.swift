import AWS
import Outbound

/// Questions to SNS about topics and their subscriptions (query protocol, API version 2010-03-31).
struct SNSClient: Sendable {
    struct Subscription: Sendable, Hashable {
        /// Not an ARN while it waits for its confirmation.
        let arn: String
        let kind: String
        let endpoint: String

        var isConfirmed: Bool { arn.hasPrefix("arn:") }
    }

    /// Why SNS did not say.
    struct Failure: Error, Sendable {
        /// Such as `NotFound`; nil when the answer is none of SNS's.
        let code: String?
        let message: String
    }

    let aws: AWSClient

    func attributes(ofTopic arn: String) async throws(Failure) -> [String: String] {
        Self.entries(try await call("GetTopicAttributes", [("TopicArn", arn)]))
    }

    func attributes(ofSubscription arn: String) async throws(Failure) -> [String: String] {
        Self.entries(try await call("GetSubscriptionAttributes", [("SubscriptionArn", arn)]))
    }

    /// The first thousand.
    func subscriptions(ofTopic arn: String) async throws(Failure) -> [Subscription] {
        var found: [Subscription] = []
        var token: String?
        for _ in 0..<10 {
            let parameters = [("TopicArn", arn)] + (token.map { [("NextToken", $0)] } ?? [])
            let result = try await call("ListSubscriptionsByTopic", parameters)
            found += (result["Subscriptions"]?.children ?? []).map {
                Subscription(
                    arn: $0["SubscriptionArn"]?.text ?? "",
                    kind: $0["Protocol"]?.text ?? "",
                    endpoint: $0["Endpoint"]?.text ?? ""
                )
            }
            token = result["NextToken"]?.text
            if token?.isEmpty ?? true { break }
        }
        return found
    }

    /// The `<ActionResult>` of an answer.
    private func call(_ action: String, _ parameters: [(String, String)]) async throws(Failure) -> XMLElement {
        let form = ([("Action", action), ("Version", "2010-03-31")] + parameters)
            .map { "\($0.0)=\(AWSCall.encoded($0.1))" }
            .joined(separator: "&")
        var call = AWSCall(
            method: .post,
            path: "/",
            contentType: "application/x-www-form-urlencoded; charset=utf-8",
            body: Array(form.utf8)
        )
        call.timeouts = Timeouts(connect: .seconds(5), response: .seconds(10), total: .seconds(20))
        let reply: AWSReply
        do throws(AWSError) {
            reply = try await aws.send(call)
        } catch {
            throw Failure(code: nil, message: "\(action): \(error.message)")
        }
        let root = XMLElement.parse(reply.body)
        if let refusal = reply.serviceError {
            let error = root?["Error"]
            let code = error?["Code"]?.text ?? refusal.code
            throw Failure(
                code: code,
                message: "\(action): \(code ?? "status \(reply.status)") \((error?["Message"]?.text ?? "").prefix(300))"
            )
        }
        guard let result = root?["\(action)Result"] else {
            throw Failure(code: nil, message: "\(action): the answer is none of SNS's")
        }
        return result
    }

    private static func entries(_ result: XMLElement) -> [String: String] {
        Dictionary(
            (result["Attributes"]?.children ?? []).map { ($0["key"]?.text ?? "", $0["value"]?.text ?? "") },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
