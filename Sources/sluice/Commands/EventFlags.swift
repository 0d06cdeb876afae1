import ArgumentParser
import Foundation
import Simulator

/// The flags of `sluice simulator` about events.
struct EventFlags: ParsableArguments {
    @Flag(name: .long, help: "Write events down (/_simulator/events) without publishing them.")
    var events = false

    @Option(name: .long, help: "Post SNS notifications to this URL, such as http://127.0.0.1:8080/feedback/sns/main.")
    var notify: String?

    @Option(name: .long, help: "The topic's ARN.")
    var topic = EventOptions.defaultTopic

    @Option(name: .long, help: "SNS's signature version: 1 or 2.")
    var signatureVersion = 2

    @Option(
        name: .long,
        help: "A PEM file with the key that signs; made, with its certificate beside it, when missing."
    )
    var certificate: String?

    @Option(name: .long, help: "Send notifications to this SQS queue, with credentials from the environment.")
    var notifyQueue: String?

    @Option(name: .long, help: "What lies in the queue: sns, raw or eventbridge.")
    var queueFormat = EventOptions.Queue.Format.sns.rawValue

    @Option(name: .long, help: "What SES publishes: events, notifications (of an identity) or both.")
    var format = EventOptions.Format.events.rawValue

    @Flag(name: .long, help: "Report the recipients of one message together.")
    var bundle = false

    @Option(name: .long, help: "How long each stage of a message's way takes.")
    var eventDelay = "50ms..500ms"

    @Option(name: .long, help: "The share of recipients that bounce, such as 0.02.")
    var bounceRate = 0.0

    @Option(name: .long, help: "The share that complains.")
    var complaintRate = 0.0

    @Option(name: .long, help: "The share that is delayed first.")
    var delayRate = 0.0

    @Option(name: .long, help: "The share that SES rejects for its content.")
    var rejectRate = 0.0

    @Option(name: .long, help: "The share of the delivered that opens.")
    var openRate = 0.0

    @Option(name: .long, help: "The share of the opened that clicks.")
    var clickRate = 0.0

    @Option(name: .long, help: "How often a notification is tried again.")
    var notifyRetries = 3

    @Option(name: .long, help: "How long after a failure.")
    var notifyBackoff = "20s"

    @Option(name: .long, help: "How many recipients the ledger of events keeps.")
    var eventCapacity = 1_000_000

    /// The options; nil where no flag asks for events.
    func options() throws -> EventOptions? {
        guard events || notify != nil || notifyQueue != nil else { return nil }
        var options = EventOptions(topicARN: topic)
        if let notify {
            let key = try certificate.map(SigningCertificate.load) ?? SigningCertificate.make()
            options.topic = .init(url: notify, key: key, signatureVersion: signatureVersion)
        }
        if let notifyQueue {
            options.queue = .init(
                url: notifyQueue,
                format: try Self.choice(queueFormat, "--queue-format"),
                environment: ProcessInfo.processInfo.environment
            )
        }
        options.format = try Self.choice(format, "--format")
        options.bundles = bundle
        options.delay = try LatencyRange(parsing: eventDelay)
        options.shares = FateShares(
            rejected: rejectRate,
            bounced: bounceRate,
            complained: complaintRate,
            delayed: delayRate,
            opened: openRate,
            clicked: clickRate
        )
        options.retries = notifyRetries
        options.backoff = try LatencyRange(parsing: notifyBackoff).lower
        options.historyCapacity = eventCapacity
        return options
    }

    private static func choice<Choice: CaseIterable & RawRepresentable>(
        _ text: String,
        _ flag: String
    ) throws -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure("\(flag): '\(text)' is not one of \(known)")
        }
        return choice
    }
}
