import Testing

@testable import Simulator

struct EventFaultTests {
    @Test func readsEachFault() throws {
        let document = """
            faults:
              - {fault: drop, operation: event, probability: 0.5, recipient: "@x", type: Complaint, first: 3}
              - {fault: duplicate}
              - {fault: duplicate, times: 3, same_id: false}
              - {fault: delay, delay: 3s}
              - {fault: reorder}
              - {fault: forge}
              - {fault: foreign_topic, topic: "arn:aws:sns:eu-central-1:1:t"}
              - {fault: stale_timestamp, by: 90m}
              - {fault: future_timestamp}
              - {fault: no_tags}
              - {fault: foreign_tag, id: other}
              - {fault: giant, bytes: 300000}
              - {fault: malformed}
              - {fault: unknown_type}
              - {fault: throttle}
            """
        let rules = try FaultRules(parsing: document).rules
        let expected: [EventFault] = [
            .drop, .duplicate(times: 1, sameID: true), .duplicate(times: 3, sameID: false), .delay(.seconds(3)),
            .reorder,
            .forge, .foreignTopic(arn: "arn:aws:sns:eu-central-1:1:t"), .shiftedTimestamp(.seconds(5400)),
            .shiftedTimestamp(.seconds(-7200)), .noTags, .foreignTag(id: "other"), .giant(bytes: 300_000), .malformed,
            .unknownType,
        ]
        #expect(rules.dropLast().map(\.fault) == expected.map { .event($0) })
        #expect(rules.dropLast().allSatisfy { $0.operations == ["event"] })
        #expect(rules.first?.event == .complaint && rules.first?.recipient == "@x")
        #expect(rules.last?.operations == ["send", "bulk"])
    }

    @Test(arguments: [
        ("{fault: drop, operation: send}", "operation"), ("{fault: throttle, operation: event}", "operation"),
        ("{fault: drop, type: bounced}", "type"), ("{fault: reorder, type: Send}", "type"), ("{fault: delay}", "delay"),
        ("{fault: throttle, type: Send}", "type"), ("{fault: duplicate, times: 0}", "times"),
        ("{fault: giant, size: 4}", "size"),
    ])
    func refusesWhatItDoesNotKnow(rule: String, member: String) {
        let error = #expect(throws: SimulatorError.self) { try FaultRules(parsing: "faults: [\(rule)]") }
        #expect(error?.message.contains("faults[0].\(member)") == true)
    }

    @Test func faultsOfEventsLeaveCallsAlone() throws {
        let rules = try FaultRules(parsing: "faults: [{fault: drop}, {fault: reorder}]")
        var schedule = FaultSchedule(rules, installedAt: 0)
        var generator = SplitMix64(seed: 1)
        let (fault, delay) = schedule.late(SendRequest(operation: .send), at: 1, using: &generator)
        #expect(fault == nil && delay == 0)
        let struck = schedule.event(.send, recipients: ["a@example.com"], at: 1, using: &generator)
        #expect(struck.fault == .drop)
    }

    @Test func rulesChooseByTypeRecipientAndCount() throws {
        let rules = try FaultRules(
            parsing: #"faults: [{fault: drop, type: Bounce, recipient: "@x", count: 1, after: 1}]"#
        )
        var schedule = FaultSchedule(rules, installedAt: 0)
        var generator = SplitMix64(seed: 1)
        func strikes(_ kind: EventKind, _ recipient: String) -> Bool {
            schedule.event(kind, recipients: [recipient], at: 1, using: &generator).fault == .drop
        }
        let struck = [
            strikes(.bounce, "a@x"), strikes(.send, "a@x"), strikes(.bounce, "a@y"), strikes(.bounce, "a@x"),
            strikes(.bounce, "a@x"),
        ]
        #expect(struck == [false, false, false, true, false])
    }
}
