import Directory
import SES

/// What an account's configuration set must publish, and where. Pure.
enum RoutingRule {
    /// What a status is made of; opens and clicks are a matter of taste.
    static let needed = ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY", "RENDERING_FAILURE"]

    static func findings(_ account: Account, set: String, destinations: [EventDestination]) -> [FeedbackFinding] {
        let check = "\(account.name) event destinations"
        let ours = destinations.filter { leadsHere($0, account) }
        let create =
            "aws sesv2 create-configuration-set-event-destination --region \(account.awsRegion) "
            + "--configuration-set-name \(set) --event-destination-name sluice --event-destination "
            + "'Enabled=true,MatchingEventTypes=[\(needed.joined(separator: ","))],"
            + "SnsDestination={TopicArn=\(account.snsTopics.first ?? "TOPIC_ARN")}'"
        guard !ours.isEmpty else {
            let there = destinations.map(\.name).sorted().joined(separator: ", ")
            return [
                FeedbackFinding(
                    .problem,
                    check,
                    "'\(set)' publishes to no topic or queue of this account"
                        + (there.isEmpty ? "" : " (it has: \(there))") + ": \(create)"
                )
            ]
        }
        var findings: [FeedbackFinding] = ours.map { destination in
            let place = destination.topicARN ?? destination.eventBusARN ?? ""
            let types = destination.types.sorted().joined(separator: ", ")
            return destination.isEnabled
                ? FeedbackFinding(.sound, check, "\(destination.name): \(types) to \(place)")
                : FeedbackFinding(
                    .problem,
                    check,
                    "\(destination.name) is disabled: " + update(account, set, destination, types: destination.types)
                )
        }
        let enabled = ours.filter(\.isEnabled)
        let published = enabled.reduce(into: Set<String>()) { $0.formUnion($1.types) }
        let missing = needed.filter { !published.contains($0) }
        if let first = enabled.first, !missing.isEmpty {
            findings.append(
                FeedbackFinding(
                    .problem,
                    check,
                    "\(missing.joined(separator: ", ")) is not published: "
                        + update(account, set, first, types: first.types.union(missing))
                )
            )
        }
        for topic in account.snsTopics where !destinations.contains(where: { $0.topicARN == topic }) {
            findings.append(
                FeedbackFinding(
                    .warning,
                    check,
                    "'\(set)' does not publish to \(topic): only notifications of identities can come from there"
                )
            )
        }
        return findings
    }

    /// A topic that is listed; or, for a queue, whatever may be subscribed or have a rule to it.
    private static func leadsHere(_ destination: EventDestination, _ account: Account) -> Bool {
        if let topic = destination.topicARN, account.snsTopics.contains(topic) { return true }
        return account.sqsQueueURL != nil && (destination.topicARN != nil || destination.eventBusARN != nil)
    }

    private static func update(
        _ account: Account,
        _ set: String,
        _ destination: EventDestination,
        types: Set<String>
    ) -> String {
        let place =
            destination.topicARN.map { "SnsDestination={TopicArn=\($0)}" }
            ?? "EventBridgeDestination={EventBusArn=\(destination.eventBusARN ?? "")}"
        return "aws sesv2 update-configuration-set-event-destination --region \(account.awsRegion) "
            + "--configuration-set-name \(set) --event-destination-name \(destination.name) --event-destination "
            + "'Enabled=true,MatchingEventTypes=[\(types.sorted().joined(separator: ","))],\(place)'"
    }
}
