import Foundation
import Testing

@testable import Simulator

struct FaultRulesTests {
    @Test func readsEveryFault() throws {
        let rules = try FaultRules(
            parsing: """
                faults:
                  - {fault: throttle, probability: 0.25, operation: send}
                  - {fault: status, code: 503, error: ServiceUnavailable, message: later, accept: true, after: 10s, for: 1m}
                  - {fault: reset_before_body, first: 2}
                  - {fault: reset_during_body, count: 3}
                  - {fault: reset_after_body, recipient: "@x"}
                  - {fault: hang, limit: 250ms}
                  - {fault: slow, delay: 2s}
                  - {fault: paused, after: 7}
                  - {fault: expired_token}
                  - {fault: invalid_message_id, body: "{}"}
                """
        ).rules
        #expect(
            rules.map(\.fault) == [
                .throttle, .status(code: 503, error: "ServiceUnavailable", message: "later", accept: true),
                .resetBeforeBody, .resetDuringBody, .resetAfterBody, .hang(limit: .milliseconds(250)),
                .slow(delay: .seconds(2)), .paused, .expiredToken, .invalidMessageID(body: "{}"),
            ]
        )
        #expect(rules[0].probability == 0.25 && rules[0].operations == ["send"])
        #expect(rules[1].after == .time(.seconds(10)) && rules[1].lasting == .seconds(60))
        #expect(rules[2].first == 2 && rules[3].count == 3 && rules[4].recipient == "@x")
        #expect(rules[7].after == .requests(7) && rules[8].operations == ["send", "bulk"])
    }

    @Test func jsonIsTheSameDocument() throws {
        let yaml = try FaultRules(parsing: "faults:\n  - fault: slow\n    delay: 2s\n    first: 1\n")
        #expect(try FaultRules(parsing: #"{"faults": [{"fault": "slow", "delay": "2s", "first": 1}]}"#) == yaml)
        #expect(try FaultRules(parsing: "{}") == FaultRules())
        #expect(try FaultRules(parsing: "") == FaultRules())
    }

    @Test(arguments: [
        ("faults:\n  - {fault: throttle, probabilty: 1}", "faults[0].probabilty"),
        ("faults:\n  - {fault: throttle}\n  - {fault: flood}", "faults[1].fault"),
        ("faults:\n  - {probability: 1}", "faults[0].fault"),
        ("faults:\n  - {fault: throttle, delay: 1s}", "faults[0].delay"),
        ("faults:\n  - {fault: throttle, probability: 2}", "faults[0].probability"),
        ("faults:\n  - {fault: status}", "faults[0].code"),
        ("faults:\n  - {fault: status, code: 200}", "faults[0].code"),
        ("faults:\n  - {fault: slow}", "faults[0].delay"),
        ("faults:\n  - {fault: slow, delay: 5}", "faults[0].delay"),
        ("faults:\n  - {fault: paused, after: soon}", "faults[0].after"),
        ("faults:\n  - {fault: paused, after: -1}", "faults[0].after"),
        ("faults:\n  - {fault: paused, operation: receive}", "faults[0].operation"),
        ("faults:\n  - {fault: reset_before_body, recipient: x}", "faults[0].recipient"),
        ("faults: 3", "faults"),
        ("rules: []", "rules"),
        ("- 1", "the document"),
        ("{", "not YAML"),
        ("faults: []\nfaults: []", "faults"),
    ])
    func refusesAndNames(document: String, place: String) {
        let error = #expect(throws: SimulatorError.self) { try FaultRules(parsing: document) }
        #expect(error?.code == .invalidFaults)
        #expect(error?.message.contains(place) == true, "\(error?.message ?? "nothing")")
    }

    @Test func theExampleFileIsValid() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL
        let file = try #require(
            [root, URL(filePath: FileManager.default.currentDirectoryPath)]
                .map { $0.appending(path: "config/simulator-faults.example.yaml") }
                .first { FileManager.default.fileExists(atPath: $0.path) }
        )
        let rules = try FaultRules(parsing: String(contentsOf: file, encoding: .utf8)).rules
        #expect(rules.count == 23)
    }
}
