public import AWS
public import Directory
public import Logging
public import Outbound
public import SES

/// Looks whether what SES publishes about an account's mail can reach us: configuration set, topics, subscriptions, queue.
public struct FeedbackDoctor: Sendable {
    private let account: Account
    private let ownSets: [String]
    private let ses: SESClient
    private let credentials: CredentialProvider
    private let http: HTTPClient
    private let logger: Logger

    /// - Parameters:
    ///   - ownSets: configuration sets that tenants' mail goes out with instead of the account's.
    ///   - credentials: the account's, for SNS and SQS; an emulator's `endpoint` is asked for SNS, too.
    public init(
        account: Account,
        ownSets: [String] = [],
        ses: SESClient,
        credentials: CredentialProvider,
        http: HTTPClient,
        logger: Logger
    ) {
        self.account = account
        self.ownSets = ownSets
        self.ses = ses
        self.credentials = credentials
        self.http = http
        self.logger = logger
    }

    public func findings() async -> [FeedbackFinding] {
        guard account.hasFeedback else {
            return [
                FeedbackFinding(
                    .warning,
                    "\(account.name) feedback",
                    "neither sns_topics nor sqs_queue_url is configured: statuses end at `sent`, and nothing is suppressed"
                )
            ]
        }
        var findings = await configurationSet()
        for set in ownSets { findings += await routing(of: set) }
        for topic in account.snsTopics { findings += await self.topic(topic) }
        if let url = account.sqsQueueURL { findings += await queue(url) }
        return findings
    }

    private func configurationSet() async -> [FeedbackFinding] {
        let check = "\(account.name) configuration set"
        guard let set = account.configurationSet else {
            return [
                FeedbackFinding(
                    .warning,
                    check,
                    "none is configured: only notifications of identities can come (bounce, complaint, delivery), and no "
                        + "word about unknown outcomes. Make one: " + create("NAME")
                )
            ]
        }
        return await routing(of: set)
    }

    private func routing(of set: String) async -> [FeedbackFinding] {
        let check = "\(account.name) configuration set"
        do throws(SendFailure) {
            let destinations = try await ses.eventDestinations(of: set)
            return RoutingRule.findings(account, set: set, destinations: destinations)
        } catch {
            guard error.code == "NotFoundException" else {
                return [FeedbackFinding(.problem, check, "'\(set)' could not be looked at: \(error.message)")]
            }
            return [FeedbackFinding(.problem, check, "SES has no '\(set)': \(create(set))")]
        }
    }

    private func create(_ set: String) -> String {
        "aws sesv2 create-configuration-set --region \(account.awsRegion) --configuration-set-name \(set)"
    }

    private func topic(_ arn: String) async -> [FeedbackFinding] {
        let check = "\(account.name) topic \(arn)"
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        let region = parts.count > 3 ? String(parts[3]) : account.awsRegion
        do throws(SNSClient.Failure) {
            let sns = SNSClient(aws: try client(region: region))
            let version = try await sns.attributes(ofTopic: arn)["SignatureVersion"] ?? "1"
            let signature =
                version == "2"
                ? FeedbackFinding(.sound, check, "exists, and signs with SHA-256")
                : FeedbackFinding(
                    .warning,
                    check,
                    "signs with SHA-1: aws sns set-topic-attributes --region \(region) --topic-arn \(arn) "
                        + "--attribute-name SignatureVersion --attribute-value 2"
                )
            return [signature] + (try await subscriptions(arn, region: region, sns: sns))
        } catch {
            if error.code == "NotFound" || error.code == "NotFoundException" {
                let name = arn.split(separator: ":").last.map(String.init) ?? arn
                return [
                    FeedbackFinding(
                        .problem,
                        check,
                        "does not exist: aws sns create-topic --region \(region) --name \(name) --attributes SignatureVersion=2"
                    )
                ]
            }
            // An emulator of SES alone.
            let level: FeedbackFinding.Level = account.endpoint != nil && error.code == nil ? .warning : .problem
            return [FeedbackFinding(level, check, "could not be looked at: \(error.message)")]
        }
    }

    private func client(region: String) throws(SNSClient.Failure) -> AWSClient {
        do throws(AWSError) {
            return try AWSClient(
                .sns,
                region: region,
                endpoint: account.endpoint,
                credentials: credentials,
                client: http,
                logger: logger
            )
        } catch {
            throw SNSClient.Failure(code: "configuration", message: error.message)
        }
    }

    private func subscriptions(
        _ arn: String,
        region: String,
        sns: SNSClient
    ) async throws(SNSClient.Failure) -> [FeedbackFinding] {
        let check = "\(account.name) subscription"
        let path = "/feedback/sns/\(account.name)"
        let all = try await sns.subscriptions(ofTopic: arn)
        let ours = all.filter { ["https", "http"].contains($0.kind) && $0.endpoint.hasSuffix(path) }
        if ours.isEmpty {
            if account.sqsQueueURL != nil, all.contains(where: { $0.kind == "sqs" }) {
                return [FeedbackFinding(.sound, check, "\(arn) goes to a queue")]
            }
            return [
                FeedbackFinding(
                    .problem,
                    check,
                    "nothing of \(arn) comes here: aws sns subscribe --region \(region) --topic-arn \(arn) --protocol https "
                        + "--notification-endpoint https://YOUR-HOST\(path)"
                )
            ]
        }
        var findings: [FeedbackFinding] = []
        for subscription in ours {
            guard subscription.isConfirmed else {
                findings.append(
                    FeedbackFinding(
                        .problem,
                        check,
                        "\(subscription.endpoint) is not confirmed: is it reachable from the internet, with a certificate "
                            + "that AWS trusts? SNS asks again when it is subscribed again"
                    )
                )
                continue
            }
            let attributes = try await sns.attributes(ofSubscription: subscription.arn)
            let isRaw = attributes["RawMessageDelivery"] == "true"
            findings.append(
                isRaw
                    ? FeedbackFinding(
                        .problem,
                        check,
                        "\(subscription.endpoint) gets raw messages, which nobody has signed: aws sns "
                            + "set-subscription-attributes --region \(region) --subscription-arn \(subscription.arn) "
                            + "--attribute-name RawMessageDelivery --attribute-value false"
                    ) : FeedbackFinding(.sound, check, "\(subscription.endpoint) is confirmed")
            )
        }
        return findings
    }

    private func queue(_ url: String) async -> [FeedbackFinding] {
        let check = "\(account.name) queue"
        guard let queue = QueueURL(url) else {
            return [
                FeedbackFinding(
                    .problem,
                    check,
                    "'\(url)' is no queue's URL: put that of GetQueueUrl into sqs_queue_url"
                )
            ]
        }
        do {
            let client = try SQSClient(
                queue: queue,
                account: account,
                credentials: credentials,
                http: http,
                logger: logger
            )
            let attributes = try await client.attributes()
            let waiting = attributes["ApproximateNumberOfMessages"] ?? "0"
            let sound = FeedbackFinding(.sound, check, "exists; \(waiting) messages wait")
            return [sound]
                + (RedriveRule.finding(account, url: url, policy: attributes["RedrivePolicy"]).map { [$0] } ?? [])
        } catch {
            return [
                FeedbackFinding(
                    .problem,
                    check,
                    "\(url) cannot be read (\(error)): it must exist, and the account's credentials need sqs:ReceiveMessage, "
                        + "sqs:DeleteMessage, sqs:ChangeMessageVisibility and sqs:GetQueueAttributes"
                )
            ]
        }
    }
}
