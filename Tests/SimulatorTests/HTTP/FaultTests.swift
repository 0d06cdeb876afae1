import Foundation
import Testing

@testable import Simulator

/// The faults over real connections.
struct FaultTests {
    private static func options(_ faults: String) throws -> SimulatorOptions {
        SimulatorOptions(rate: 1e6, daily: -1, faults: try FaultRules(parsing: faults))
    }

    private static func outcomes(_ simulator: RunningSimulator) -> [String] {
        simulator.server.summary().outcomes.flatMap { Array(repeating: $0.key, count: $0.value.calls) }.sorted()
    }

    @Test(arguments: [
        ("reset_before_body", "reset_before_body", 0), ("reset_during_body", "reset_during_body", 0),
        ("reset_after_body", "reset_after_accept", 1),
    ])
    func resetsAreResets(fault: String, outcome: String, accepted: Int) async throws {
        try await RunningSimulator.run(try Self.options("faults: [{fault: \(fault), first: 1}]")) { simulator in
            let post = RawConnection.post(RunningSimulator.message())
            let (received, end) = try await RawConnection.exchange(post, port: simulator.port)
            #expect(received.isEmpty)
            #expect(end == .reset)
            #expect(Self.outcomes(simulator) == [outcome])
            #expect(simulator.server.summary().accepted == accepted)
            #expect(try await simulator.send(RunningSimulator.message()).status == 200)
            #expect(simulator.server.summary().duplicates == accepted)
        }
    }

    /// The server must not wait for a body that it is not going to read.
    @Test(arguments: ["reset_before_body", "reset_during_body"])
    func earlyResetsDoNotReadTheRest(fault: String) async throws {
        try await RunningSimulator.run(try Self.options("faults: [{fault: \(fault)}]")) { simulator in
            let post = RawConnection.post("{", announced: 1_000_000)
            let (_, end) = try await RawConnection.exchange(post, port: simulator.port)
            #expect(end == .reset)
            #expect(Self.outcomes(simulator) == [fault])
        }
    }

    @Test func hangingAcceptsAndEndsAtTheLimit() async throws {
        try await RunningSimulator.run(try Self.options("faults: [{fault: hang, limit: 200ms, first: 1}]")) {
            simulator in
            let post = RawConnection.post(RunningSimulator.message())
            let (received, end) = try await RawConnection.exchange(post, port: simulator.port)
            #expect(received.isEmpty)
            #expect(end == .closed)
            #expect(Self.outcomes(simulator) == ["hung_after_accept"])
        }
    }

    /// With a limit of an hour, these end only because client or shutdown end them.
    @Test func hangingEndsWithTheClientOrTheServer() async throws {
        try await RunningSimulator.run(try Self.options("faults: [{fault: hang, limit: 1h}]")) { simulator in
            let post = RawConnection.post(RunningSimulator.message())
            let end = try await RawConnection.leave(post, port: simulator.port) {
                simulator.server.summary().accepted == 1
            }
            #expect(end == .closed)
            async let second = RawConnection.exchange(post, port: simulator.port)
            while simulator.server.summary().accepted < 2 { try await Task.sleep(for: .milliseconds(5)) }
            await simulator.stop()
            let (received, _) = try await second
            #expect(received.isEmpty)
        }
    }

    @Test func answersWithErrorsOfAnyKind() async throws {
        let faults = """
            faults:
              - {fault: throttle, first: 1}
              - {fault: status, code: 503, error: ServiceUnavailable, message: "say \\"when\\"", first: 1}
              - {fault: status, code: 500, accept: true, first: 1}
              - {fault: paused, first: 1}
              - {fault: expired_token, first: 1}
              - {fault: invalid_message_id, body: "<html>", first: 1}
              - {fault: expired_token, operation: account, first: 1}
            """
        try await RunningSimulator.run(try Self.options(faults)) { simulator in
            var answers: [RunningSimulator.Answer] = []
            for _ in 0..<7 { answers.append(try await simulator.send(RunningSimulator.message())) }
            #expect(answers.map(\.status) == [429, 503, 500, 400, 403, 200, 200])
            #expect(
                answers.map { $0.headers["x-amzn-errortype"] } == [
                    "TooManyRequestsException", "ServiceUnavailable", "InternalFailure", "SendingPausedException",
                    "ExpiredTokenException", nil, nil,
                ]
            )
            #expect(try answers[1].json()["message"] as? String == #"say "when""#)
            #expect(answers[5].text == "<html>")
            #expect(simulator.server.summary().accepted == 3)
            #expect(simulator.server.summary().throttled == 0)
            #expect(try await simulator.request("GET", "/v2/email/account").status == 403)
            #expect(try await simulator.request("GET", "/v2/email/account").status == 200)
        }
    }

    @Test func slowOnesTakeTheirTime() async throws {
        try await RunningSimulator.run(try Self.options("faults: [{fault: slow, delay: 300ms}]")) { simulator in
            let clock = ContinuousClock()
            let start = clock.now
            let answer = try await simulator.send(RunningSimulator.message())
            #expect(answer.status == 200)
            #expect(clock.now - start >= .milliseconds(300))
        }
    }
}
