import Foundation
import Logging
import Testing

@testable import Simulator

struct CallTests {
    @Test func sendsAndRemembers() async throws {
        try await RunningSimulator.run { simulator in
            let id = "0190f0a0-12ab-7000-8000-0000000000ff"
            let answer = try await simulator.send(RunningSimulator.message(id: id, attempt: 4))
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            let messageID = try #require(try answer.json()["MessageId"] as? String)
            #expect(messageID.hasSuffix("-000000"))

            let entry = try #require(try await simulator.ledger().first)
            #expect(entry["outbox_id"] as? String == id)
            #expect(entry["attempt"] as? Int == 4)
            #expect(entry["recipients"] as? Int == 1)
            #expect(entry["outcome"] as? String == "accepted")
            #expect(try #require(entry["at_ns"] as? Int) > 0)

            let message = try await simulator.request("GET", "/_simulator/messages/\(messageID)").json()
            #expect(message["from"] as? String == "s@example.com")
            #expect((message["destination"] as? [String: [String]])?["to"] == ["a@example.com"])
            #expect((message["tags"] as? [String: String])?["sluice-id"] == id)
            #expect(message["kind"] as? String == "simple")
            let simple = try #require(message["simple"] as? [String: [String: Any]])
            #expect(simple["Subject"]?["Data"] as? String == "s")
        }
    }

    @Test func rawContentComesBackByteForByte() async throws {
        try await RunningSimulator.run { simulator in
            let raw = Data((0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            let body =
                #"{"FromEmailAddress":"s@example.com","Destination":{"ToAddresses":["a@example.com"]},"#
                + #""Content":{"Raw":{"Data":"\#(raw.base64EncodedString())"}}}"#
            #expect(try await simulator.send(body).status == 200)
            let list = try await simulator.request("GET", "/_simulator/messages?limit=5").json()
            let message = try #require((list["data"] as? [[String: Any]])?.first)
            #expect(Data(base64Encoded: try #require(message["raw"] as? String)) == raw)
        }
    }

    @Test func refusesOverTheRateAndSaysSo() async throws {
        try await RunningSimulator.run(SimulatorOptions(rate: 0.001, daily: -1)) { simulator in
            #expect(try await simulator.send(RunningSimulator.message()).status == 200)
            let refused = try await simulator.send(RunningSimulator.message(id: "row-2"))
            #expect(refused.status == 429)
            #expect(refused.headers["x-amzn-errortype"] == "TooManyRequestsException")
            #expect(refused.headers["content-type"] == "application/x-amz-json-1.1")
            #expect(refused.text == #"{"message":"Maximum sending rate exceeded."}"#)
            let summary = simulator.server.summary()
            #expect(summary.accepted == 1 && summary.throttled == 1)
            #expect(summary.maxInOneSecond == 1 && summary.maxInWindow == 1)
            #expect(summary.uniqueIDs == 1 && summary.duplicates == 0)
        }
    }

    @Test func theDailyQuotaIsRefusedInItsOwnWords() async throws {
        try await RunningSimulator.run(SimulatorOptions(rate: 100, daily: 1)) { simulator in
            #expect(try await simulator.send(RunningSimulator.message()).status == 200)
            let refused = try await simulator.send(RunningSimulator.message())
            #expect(refused.status == 429)
            #expect(refused.text.contains("Daily message quota exceeded"))
            let free = try await simulator.send(RunningSimulator.message(to: "bounce@simulator.amazonses.com"))
            #expect(free.status == 200)
            let account = try await simulator.request("GET", "/v2/email/account").json()
            let quota = try #require(account["SendQuota"] as? [String: Double])
            #expect(quota == ["Max24HourSend": 1, "MaxSendRate": 100, "SentLast24Hours": 1])
        }
    }

    @Test func errorsHaveTheirCodes() async throws {
        try await RunningSimulator.run { simulator in
            let expected: [(String, String, Int, String)] = [
                ("{", "/v2/email/outbound-emails", 400, "SerializationException"),
                (RunningSimulator.message(to: "bad"), "/v2/email/outbound-emails", 400, "BadRequestException"),
                ("{}", "/v2/email/outbound-bulk-emails", 400, "BadRequestException"),
                ("{}", "/v2/email/contact-lists", 404, "UnknownOperationException"),
            ]
            for (body, path, status, code) in expected {
                let answer = try await simulator.request("POST", path, body: Data(body.utf8))
                #expect(answer.status == status)
                #expect(answer.headers["x-amzn-errortype"] == code)
                #expect(try answer.json()["message"] is String)
            }
            let unsigned = try await simulator.request("GET", "/v2/email/account", isSigned: false)
            #expect(unsigned.status == 403)
            #expect(unsigned.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException")
            #expect(simulator.server.summary().outcomes == ["rejected": .init(calls: 3, recipients: 1)])
        }
    }

    @Test func aTruncatedRequestIsNotCounted() async throws {
        try await RunningSimulator.run { simulator in
            let body = RunningSimulator.message()
            let text = RawConnection.post(body, announced: body.utf8.count + 1)
            let end = try await RawConnection.leave(text, port: simulator.port, when: { true })
            #expect(end == .closed)
            #expect(try await simulator.send(body).status == 200)
            #expect(simulator.server.summary().entries == 1)
        }
    }

    @Test func moreThanTheBodyLimitIsTooLarge() async throws {
        try await RunningSimulator.run { simulator in
            let text = RawConnection.post("", announced: (64 << 20) + 1)
            // The answer comes without the body having been sent.
            let (received, _) = try await RawConnection.exchange(text + "\r\n", port: simulator.port, until: "}")
            #expect(received.hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test func aShutdownAnswersWhatIsOpen() async throws {
        let options = SimulatorOptions(rate: 100, daily: -1, latency: LatencyRange(.milliseconds(300)))
        let status = try await RunningSimulator.run(options) { simulator in
            async let answer = simulator.send(RunningSimulator.message())
            // Until the request is in, the stop could win.
            while simulator.server.summary().entries == 0 { try await Task.sleep(for: .milliseconds(5)) }
            await simulator.stop()
            return try await answer.status
        }
        #expect(status == 200)
    }

    @Test func aTakenPortIsNamed() async throws {
        try await RunningSimulator.run { simulator in
            let second = try SimulatorServer(
                options: SimulatorOptions(port: simulator.port),
                logger: .init(label: "test") { _ in SilentLog() }
            )
            let error = await #expect(throws: SimulatorError.self) { try await second.run() }
            #expect(error?.code == .addressInUse)
            #expect(error?.message.contains("127.0.0.1:\(simulator.port)") == true)
        }
    }
}
