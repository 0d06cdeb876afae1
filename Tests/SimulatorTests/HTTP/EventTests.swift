import Foundation
import Signing
import Testing

@testable import Simulator

/// Events over real connections.
struct EventTests {
    /// Small, so that thousands of signatures take no time.
    static let key = SigningKey(
        generating: "sns.amazonaws.com",
        organisation: "test",
        bits: 1024,
        notBefore: 0,
        notAfter: 4_000_000_000
    )

    private static func options(_ url: String, faults: String = "{}", shares: FateShares = FateShares()) throws
        -> SimulatorOptions
    {
        var events = EventOptions(topic: .init(url: url, key: key))
        events.shares = shares
        events.delay = LatencyRange(from: .milliseconds(1), to: .milliseconds(20))
        events.backoff = .milliseconds(100)
        return SimulatorOptions(rate: 1e6, daily: -1, faults: try FaultRules(parsing: faults), events: events)
    }

    /// Confirms as soon as it is asked to.
    private static func confirm(_ simulator: RunningSimulator, _ receiver: EventReceiver) async throws {
        let asked = try await Self.first(receiver) { $0.type == "SubscriptionConfirmation" }
        let url = try #require(asked.envelope()["SubscribeURL"])
        let prefix = "http://127.0.0.1:\(simulator.port)"
        #expect(url.hasPrefix(prefix + "/_simulator/confirm?"))
        let answer = try await simulator.request("GET", String(url.dropFirst(prefix.count)), isSigned: false)
        #expect(answer.status == 200)
        #expect(answer.text.contains("<SubscriptionArn>arn:aws:sns:eu-central-1:123456789012:sluice-feedback:"))
    }

    private static func first(
        _ receiver: EventReceiver,
        where matches: (EventReceiver.Received) -> Bool
    ) async throws -> EventReceiver.Received {
        for _ in 0..<3000 {
            if let found = receiver.received.first(where: matches) { return found }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw SimulatorError(.invalidOption, "nothing came within 30 s")
    }

    private static func settle(_ simulator: RunningSimulator) async throws {
        for _ in 0..<12_000 where simulator.server.eventSummary()?.isIdle != true {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(simulator.server.eventSummary()?.isIdle == true)
    }

    @Test func nothingIsToldBeforeTheSubscriberHasConfirmed() async throws {
        try await EventReceiver.run { receiver, url in
            try await RunningSimulator.run(try Self.options(url)) { simulator in
                #expect(try await simulator.send(RunningSimulator.message()).status == 200)
                let wrong = try await simulator.request("GET", "/_simulator/confirm?Token=wrong")
                #expect(wrong.status == 400)
                _ = try await Self.first(receiver) { $0.type == "SubscriptionConfirmation" }
                #expect(receiver.received.allSatisfy { $0.type == "SubscriptionConfirmation" })
                try await Self.confirm(simulator, receiver)
                try await Self.settle(simulator)
                let notifications = receiver.received.filter { $0.type == "Notification" }
                let setUp = "Successfully validated SNS topic for Amazon SES event publishing."
                #expect(notifications.count { $0.envelope()["Message"] == setUp } == 1)
                let types = notifications.compactMap { $0.event()["eventType"] as? String }
                #expect(types.sorted() == ["Delivery", "Send"])
                let sample = try #require(notifications.first)
                #expect(sample.headers["content-type"] == "text/plain; charset=UTF-8")
                #expect(sample.headers["user-agent"] == "Amazon Simple Notification Service Agent")
                #expect(sample.headers["x-amz-sns-message-id"] == sample.envelope()["MessageId"])
                #expect(sample.headers["x-amz-sns-topic-arn"] == EventOptions.defaultTopic)
            }
        }
    }

    @Test func aFailureIsTriedAgainWithTheSameBytes() async throws {
        try await EventReceiver.run { received, count in
            received.type == "Notification" && count < 6 ? 503 : 200
        } _: { receiver, url in
            try await RunningSimulator.run(try Self.options(url)) { simulator in
                try await Self.confirm(simulator, receiver)
                #expect(try await simulator.send(RunningSimulator.message()).status == 200)
                try await Self.settle(simulator)
                let bodies = Dictionary(grouping: receiver.received) { $0.headers["x-amz-sns-message-id"] ?? "" }
                #expect(bodies.values.contains { $0.count > 1 })
                #expect(bodies.values.allSatisfy { Set($0.map(\.body)).count == 1 })
                #expect(simulator.server.eventSummary()?.delivered == 2)
                #expect(simulator.server.eventSummary()?.retried ?? 0 > 0)
            }
        }
    }

    @Test func aRefusalEndsIt() async throws {
        try await EventReceiver.run { received, _ in
            received.event().isEmpty ? 200 : 403
        } _: { receiver, url in
            try await RunningSimulator.run(try Self.options(url)) { simulator in
                try await Self.confirm(simulator, receiver)
                #expect(try await simulator.send(RunningSimulator.message()).status == 200)
                try await Self.settle(simulator)
                #expect(receiver.received.count { !$0.event().isEmpty } == 2)
                let outcome = try #require(try await simulator.lines("outcomes").first)
                #expect(outcome["status"] as? String == "sent" && outcome["settled"] as? Bool == true)
                let events = try await simulator.lines("events")
                #expect(events.allSatisfy { $0["state"] as? String == "lost" })
            }
        }
    }

    @Test func withoutEventsNothingIsSaid() async throws {
        try await RunningSimulator.run { simulator in
            let answer = try await simulator.send(RunningSimulator.message())
            #expect(answer.status == 200)
            #expect(try await simulator.lines("events").isEmpty)
            #expect(try await simulator.lines("outcomes").isEmpty)
            #expect(simulator.server.eventSummary() == nil)
            #expect(try await simulator.request("GET", "/_simulator/confirm?Token=x").status == 400)
        }
    }

    private static let faults = """
        faults:
          - {fault: reorder, probability: 0.1}
          - {fault: drop, probability: 0.02}
          - {fault: delay, delay: 200ms, probability: 0.05}
          - {fault: duplicate, times: 2, same_id: false, probability: 0.1}
        """

    @Test(arguments: [(10_000, "{}"), (2000, faults)])
    func everyMessageEndsAsTheLedgerSays(messages: Int, faults: String) async throws {
        let shares = FateShares(rejected: 0.01, bounced: 0.05, complained: 0.02, delayed: 0.1)
        try await EventReceiver.run { receiver, url in
            let options = try Self.options(url, faults: faults, shares: shares)
            try await RunningSimulator.run(options) { simulator in
                try await Self.confirm(simulator, receiver)
                for call in 0..<(messages / 50) {
                    let body = Data(Self.bulk(call).utf8)
                    let answer = try await simulator.request("POST", "/v2/email/outbound-bulk-emails", body: body)
                    #expect(answer.status == 200)
                }
                try await Self.settle(simulator)
                let told = Self.told(receiver)
                let events = try await simulator.lines("events")
                var said: Set<String> = []
                for event in events where event["state"] as? String == "delivered" {
                    let entry = "\(event["outbox_id"] ?? "") \(event["type"] ?? "")"
                    #expect(said.insert(entry).inserted)
                }
                #expect(said == Set(told.keys))
                #expect(told.values.allSatisfy { $0 == 1 } == (faults == "{}"))
                var statuses: [String: FinalStatus] = [:]
                for entry in told.keys {
                    let parts = entry.split(separator: " ").map(String.init)
                    let kind = try #require(EventKind.allCases.first { $0.name == parts[1] })
                    statuses[parts[0]] = max(statuses[parts[0]] ?? .sent, kind.status)
                }
                let outcomes = try await simulator.lines("outcomes")
                #expect(outcomes.count == messages)
                for outcome in outcomes {
                    let id = try #require(outcome["outbox_id"] as? String)
                    let isRight = (statuses[id] ?? .sent).name == outcome["status"] as? String
                    #expect(isRight && outcome["settled"] as? Bool == true && outcome["possible"] == nil, "\(outcome)")
                }
                let lost = events.count { $0["state"] as? String == "lost" }
                #expect((lost > 0) == (faults != "{}"))
            }
        }
    }

    private static func bulk(_ call: Int) -> String {
        let entries = (0..<50).map { index in
            let id = "row-\(call * 50 + index)"
            return #"{"Destination":{"ToAddresses":["r\#(index)@example.com"]},"#
                + #""ReplacementTags":[{"Name":"sluice-id","Value":"\#(id)"}]}"#
        }
        return #"{"FromEmailAddress":"s@example.com","DefaultContent":{"Template":{"TemplateName":"t"}},"#
            + #""BulkEmailEntries":[\#(entries.joined(separator: ","))]}"#
    }

    /// How often each event came, by outbox id and type.
    private static func told(_ receiver: EventReceiver) -> [String: Int] {
        var told: [String: Int] = [:]
        for received in receiver.received {
            let event = received.event()
            guard let type = event["eventType"] as? String, let mail = event["mail"] as? [String: Any],
                let tags = mail["tags"] as? [String: [String]], let id = tags["sluice-id"]?.first
            else { continue }
            told["\(id) \(type)", default: 0] += 1
        }
        return told
    }
}

extension FinalStatus: Comparable {
    static func < (left: FinalStatus, right: FinalStatus) -> Bool { left.rawValue < right.rawValue }
}
