import SES
import Testing

@testable import Directory
@testable import Feedback

@Suite("What a configuration set must publish")
struct RoutingRuleTests {
    private static let topic = "arn:aws:sns:eu-central-1:1:feedback"
    private let account = TestAccount.make(topics: [topic], configurationSet: "set")

    private func destination(
        _ name: String = "d",
        types: [String] = RoutingRule.needed,
        topic: String? = Self.topic,
        bus: String? = nil,
        isEnabled: Bool = true
    ) -> EventDestination {
        EventDestination(name: name, isEnabled: isEnabled, types: Set(types), topicARN: topic, eventBusARN: bus)
    }

    private func findings(_ destinations: [EventDestination], _ account: Account? = nil) -> [FeedbackFinding] {
        RoutingRule.findings(account ?? self.account, set: "set", destinations: destinations)
    }

    @Test("All types to a topic of ours are sound")
    func sound() {
        #expect(findings([destination()]).map(\.level) == [.sound])
        let split = [destination("a", types: ["SEND", "DELIVERY"]), destination("b", types: RoutingRule.needed)]
        #expect(findings(split).map(\.level) == [.sound, .sound])
    }

    @Test("Nothing that leads here is a problem, with the line that makes it")
    func nothing() throws {
        for destinations in [[], [destination("elsewhere", topic: "arn:aws:sns:eu-central-1:1:other")]] {
            let problem = try #require(findings(destinations).first)
            #expect(problem.level == .problem)
            #expect(problem.detail.contains("create-configuration-set-event-destination --region eu-central-1"))
            #expect(problem.detail.contains("SnsDestination={TopicArn=\(Self.topic)}"))
        }
    }

    @Test("Missing types and a disabled destination are problems, with the line that mends them")
    func missing() throws {
        let types = RoutingRule.needed.filter { $0 != "REJECT" && $0 != "DELIVERY_DELAY" } + ["OPEN"]
        let found = findings([destination(types: types)])
        #expect(found.map(\.level) == [.sound, .problem])
        let detail = try #require(found.last?.detail)
        #expect(
            detail.hasPrefix(
                "REJECT, DELIVERY_DELAY is not published: aws sesv2 update-configuration-set-event-destination"
            )
        )
        #expect(detail.contains("OPEN"), "what is published stays")
        let disabled = findings([destination(isEnabled: false)])
        #expect(disabled.map(\.level) == [.problem])
        #expect(disabled[0].detail.contains("Enabled=true"))
    }

    @Test("A topic that the set does not publish to is pointed out; for a queue, any topic or bus may lead there")
    func others() {
        let second = TestAccount.make(topics: [Self.topic, Self.topic + "-2"], configurationSet: "set")
        #expect(findings([destination()], second).map(\.level) == [.sound, .warning])
        let queue = TestAccount.make(
            topics: [],
            queue: "https://sqs.eu-central-1.amazonaws.com/1/q",
            configurationSet: "set"
        )
        let bus = destination(topic: nil, bus: "arn:aws:events:eu-central-1:1:event-bus/default")
        #expect(findings([bus], queue).map(\.level) == [.sound])
        #expect(findings([bus]).map(\.level).first == .problem)
    }
}
