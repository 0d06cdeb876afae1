import Foundation
import Testing

@testable import Simulator

/// The simulator's own routes.
struct ControlTests {
    @Test func settingsChangeWhileItRuns() async throws {
        try await RunningSimulator.run(SimulatorOptions(rate: 0.001, daily: 10)) { simulator in
            #expect(try await simulator.send(RunningSimulator.message()).status == 200)
            #expect(try await simulator.send(RunningSimulator.message()).status == 429)
            let changed = try await simulator.put("settings", #"{"rate": 1000, "latency": "1ms..2ms"}"#)
            #expect(changed.status == 200)
            let now = try await simulator.request("GET", "/_simulator/settings").json()
            #expect(now["rate"] as? Double == 1000)
            #expect(now["daily"] as? Int == 10)
            #expect(now["latency"] as? String == "1ms..2ms")
            #expect(try await simulator.send(RunningSimulator.message()).status == 200)
            let refused = try await simulator.put("settings", #"{"rat": 1}"#)
            #expect(refused.status == 400)
            #expect(refused.text.contains("rat"))
        }
    }

    @Test func faultsChangeWhileItRuns() async throws {
        try await RunningSimulator.run { simulator in
            #expect(try await simulator.put("faults", #"{"faults": [{"fault": "throttle"}]}"#).status == 200)
            #expect(try await simulator.send(RunningSimulator.message()).status == 429)
            let refused = try await simulator.put("faults", #"{"faults": [{"fault": "flood"}]}"#)
            #expect(refused.status == 400)
            #expect(refused.text.contains("faults[0].fault"))
            // A refused document leaves the old one in force.
            #expect(try await simulator.send(RunningSimulator.message()).status == 429)
            #expect(try await simulator.request("DELETE", "/_simulator/faults").status == 204)
            #expect(try await simulator.send(RunningSimulator.message()).status == 200)
        }
    }

    @Test func theLedgerIsStreamedWholeAndForgotten() async throws {
        try await RunningSimulator.run { simulator in
            let entries = (0..<20).map { #"{"Destination":{"ToAddresses":["r\#($0)@example.com"]}}"# }
            let bulk =
                #"{"FromEmailAddress":"s@example.com","DefaultContent":{"Template":{"TemplateName":"t"}},"#
                + #""DefaultEmailTags":[{"Name":"sluice-id","Value":"an-id-that-is-longer-than-sixteen-bytes"}],"#
                + #""BulkEmailEntries":[\#(entries.joined(separator: ","))]}"#
            for _ in 0..<3 {
                let answer = try await simulator.request(
                    "POST",
                    "/v2/email/outbound-bulk-emails",
                    body: Data(bulk.utf8)
                )
                #expect(answer.status == 200)
                #expect((try answer.json()["BulkEmailEntryResults"] as? [Any])?.count == 20)
            }
            let ledger = try await simulator.ledger()
            #expect(ledger.count == 60)
            #expect(ledger.allSatisfy { $0["outbox_id"] as? String == "an-id-that-is-longer-than-sixteen-bytes" })
            #expect(ledger.allSatisfy { $0["attempt"] is NSNull })
            let instants = ledger.compactMap { $0["at_ns"] as? Int }
            #expect(instants == instants.sorted())
            let summary = try await simulator.request("GET", "/_simulator/summary").json()
            #expect(summary["accepted"] as? Int == 60)
            #expect(summary["duplicates"] as? Int == 59)
            #expect(summary["truncated"] as? Bool == false)
            #expect(try await simulator.request("DELETE", "/_simulator/ledger").status == 204)
            #expect(try await simulator.ledger().isEmpty)
            #expect(simulator.server.summary().accepted == 0)
            #expect(simulator.server.summary().sentLast24Hours == 60)
        }
    }

    @Test func messagesAreListedInOrder() async throws {
        try await RunningSimulator.run { simulator in
            var ids: [String] = []
            for index in 0..<4 {
                let answer = try await simulator.send(RunningSimulator.message(id: "row-\(index)"))
                ids.append(try #require(try answer.json()["MessageId"] as? String))
            }
            func list(_ query: String) async throws -> [String] {
                let answer = try await simulator.request("GET", "/_simulator/messages\(query)").json()
                return try #require(answer["data"] as? [[String: Any]]).compactMap { $0["message_id"] as? String }
            }
            #expect(try await list("") == ids)
            #expect(try await list("?limit=2") == Array(ids.suffix(2)))
            #expect(try await list("?after=\(ids[0])&limit=2") == [ids[1], ids[2]])
            #expect(try await simulator.request("GET", "/_simulator/messages/none").status == 404)
            #expect(try await simulator.request("GET", "/_simulator/messages?limit=x").status == 400)
            #expect(try await simulator.request("DELETE", "/_simulator/messages").status == 204)
            #expect(try await list("").isEmpty)
        }
    }

    @Test func unknownRoutesAreNotFound() async throws {
        try await RunningSimulator.run { simulator in
            for (method, path) in [("GET", "/_simulator/other"), ("POST", "/_simulator/ledger"), ("GET", "/")] {
                let answer = try await simulator.request(method, path)
                #expect(answer.status == 404)
            }
        }
    }
}
