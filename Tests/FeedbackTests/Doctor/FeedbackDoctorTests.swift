import AWS
import Outbound
import SES
import Signing
import Testing

@testable import Directory
@testable import Feedback

@Suite("The doctor's look at SES, SNS and SQS, by scripted answers")
struct FeedbackDoctorTests {
    private static let topic = "arn:aws:sns:eu-central-1:1:feedback"

    /// What the services answer.
    private struct Script: Sendable {
        var set = LoopbackReply.status(200, #"{"ConfigurationSetName":"set"}"#)
        var destinations = LoopbackReply.status(
            200,
            """
            {"EventDestinations":[{"Name":"d","Enabled":true,"MatchingEventTypes":["SEND","DELIVERY","BOUNCE","COMPLAINT",
            "REJECT","DELIVERY_DELAY","RENDERING_FAILURE"],"SnsDestination":{"TopicArn":"\(FeedbackDoctorTests.topic)"}}]}
            """
        )
        var topic = attributes("GetTopicAttributes", ["SignatureVersion": "2"])
        var subscriptions = subscribed(
            "\(FeedbackDoctorTests.topic):1",
            "https",
            "https://send.example/feedback/sns/main"
        )
        var subscription = attributes("GetSubscriptionAttributes", ["RawMessageDelivery": "false"])
        var queue = LoopbackReply.status(200, #"{"Attributes":{"ApproximateNumberOfMessages":"3"}}"#)

        static func attributes(_ action: String, _ values: [String: String]) -> LoopbackReply {
            let entries = values.map { "<entry><key>\($0)</key><value>\($1)</value></entry>" }.joined()
            return xml(action, "<Attributes>\(entries)</Attributes>")
        }

        static func subscribed(_ arn: String, _ kind: String, _ endpoint: String) -> LoopbackReply {
            xml(
                "ListSubscriptionsByTopic",
                "<Subscriptions><member><SubscriptionArn>\(arn)</SubscriptionArn><Protocol>\(kind)</Protocol>"
                    + "<Endpoint>\(endpoint)</Endpoint></member></Subscriptions>"
            )
        }

        static func xml(_ action: String, _ result: String) -> LoopbackReply {
            .status(
                200,
                #"<\#(action)Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><\#(action)Result>\#(result)</\#(action)Result></\#(action)Response>"#
            )
        }

        func reply(_ request: LoopbackRequest) -> LoopbackReply {
            if request.target.hasSuffix("/event-destinations") { return destinations }
            if request.target.hasPrefix("/v2/email/configuration-sets/") { return set }
            if request.header("x-amz-target") != nil { return queue }
            // The body has not been read yet, but its length tells the actions apart.
            switch request.header("content-length").flatMap(Int.init) {
            case "Action=GetTopicAttributes&Version=2010-03-31&TopicArn=".utf8.count + Self.encoded: return topic
            case "Action=ListSubscriptionsByTopic&Version=2010-03-31&TopicArn=".utf8.count + Self.encoded:
                return subscriptions
            default: return subscription
            }
        }

        private static let encoded = AWSCall.encoded(FeedbackDoctorTests.topic).utf8.count
    }

    private func findings(
        queue: Bool = false,
        set: String? = "set",
        topics: [String] = [topic],
        _ change: (inout Script) -> Void = { _ in }
    ) async throws -> [FeedbackFinding] {
        var script = Script()
        change(&script)
        let fixed = script
        let server = try LoopbackServer { fixed.reply($0) }
        defer { server.stop() }
        let account = TestAccount.make(
            endpoint: server.url,
            topics: topics,
            queue: queue ? server.url + "/1/q" : nil,
            configurationSet: set
        )
        return try await Self.doctor(account, server.url).findings()
    }

    static func doctor(_ account: Account, _ url: String, ownSets: [String] = []) throws -> FeedbackDoctor {
        let credentials = TestAccount.credentials
        let aws = try AWSClient(
            .ses,
            region: account.awsRegion,
            endpoint: url,
            credentials: credentials,
            client: TestHTTP.client,
            logger: TestHTTP.quiet
        )
        return FeedbackDoctor(
            account: account,
            ownSets: ownSets,
            ses: SESClient(aws: aws),
            credentials: credentials,
            http: TestHTTP.client,
            logger: TestHTTP.quiet
        )
    }

    @Test("All in order")
    func sound() async throws {
        let found = try await findings(queue: true)
        #expect(found.map(\.level) == [.sound, .sound, .sound, .sound], "\(found)")
        #expect(found.last?.detail == "exists; 3 messages wait")
    }

    @Test("Nothing configured is a warning that says what it costs")
    func none() async throws {
        let found = try await findings(topics: [])
        #expect(found.map(\.level) == [.warning])
        #expect(found[0].detail.contains("statuses end at `sent`"))
        let noSet = try await findings(set: nil)
        #expect(noSet[0].level == .warning)
        #expect(noSet[0].detail.contains("create-configuration-set --region eu-central-1"))
    }

    @Test("Sets that tenants' mail goes out with are looked at, too")
    func ownSets() async throws {
        let script = Script()
        let server = try LoopbackServer { script.reply($0) }
        defer { server.stop() }
        let account = TestAccount.make(endpoint: server.url, topics: [Self.topic], queue: nil, configurationSet: "set")
        let found = try await Self.doctor(account, server.url, ownSets: ["own"]).findings()
        #expect(found.filter { $0.check.hasSuffix("event destinations") }.count == 2, "\(found)")
    }

    @Test("What is missing or wrong comes with the line that mends it")
    func repairs() async throws {
        let cases: [(String, (inout Script) -> Void)] = [
            (
                "aws sesv2 create-configuration-set --region eu-central-1 --configuration-set-name set",
                { $0.set = .status(404, "{}", headers: ["x-amzn-ErrorType": "NotFoundException"]) }
            ),
            (
                "aws sns create-topic --region eu-central-1 --name feedback",
                { $0.topic = .status(404, "<ErrorResponse><Error><Code>NotFound</Code></Error></ErrorResponse>") }
            ),
            (
                "--attribute-name SignatureVersion --attribute-value 2",
                { $0.topic = Script.attributes("GetTopicAttributes", [:]) }
            ),
            (
                "--protocol https --notification-endpoint https://YOUR-HOST/feedback/sns/main",
                {
                    $0.subscriptions = Script.subscribed(
                        "\(Self.topic):1",
                        "https",
                        "https://send.example/feedback/sns/other"
                    )
                }
            ),
            (
                "is not confirmed",
                {
                    $0.subscriptions = Script.subscribed(
                        "PendingConfirmation",
                        "https",
                        "https://send.example/feedback/sns/main"
                    )
                }
            ),
            (
                "--attribute-name RawMessageDelivery --attribute-value false",
                { $0.subscription = Script.attributes("GetSubscriptionAttributes", ["RawMessageDelivery": "true"]) }
            ),
            (
                "could not be looked at",
                { $0.destinations = .status(403, "{}", headers: ["x-amzn-ErrorType": "AccessDeniedException"]) }
            ),
            ("could not be looked at", { $0.topic = .status(200, "<html>a proxy</html>") }),
        ]
        for (repair, change) in cases {
            let wrong = try await findings(change).filter { $0.level != .sound }
            #expect(wrong.count == 1, "\(repair): \(wrong)")
            #expect(wrong.first?.detail.contains(repair) == true, "\(repair): \(wrong)")
        }
        let queue = try await findings(queue: true) {
            $0.queue = .status(400, #"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}"#)
        }
        #expect(queue.last?.level == .problem)
        #expect(queue.last?.detail.contains("sqs:ReceiveMessage") == true)
    }

    @Test("A queue that gives messages up after a few receipts is a warning with the line that mends it")
    func redrive() async throws {
        for (count, expected) in [("3", 2), (#"\"9\""#, 2), ("10", 1), (#"\"1000\""#, 1)] {
            let found = try await findings(queue: true) {
                $0.queue = .status(
                    200,
                    #"{"Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:d\",\"maxReceiveCount\":\#(count)}"}}"#
                )
            }.filter { $0.check == "main queue" }
            #expect(found.map(\.level) == (expected == 1 ? [.sound] : [.sound, .warning]), "\(count)")
            #expect(expected == 1 || found.last?.detail.contains(#"\"deadLetterTargetArn\":\"arn:d\""#) == true)
        }
    }
}
