import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    @Suite("Scheduled messages") struct ScheduleTests {
        private struct Canceled: Decodable {
            let canceled: Int
        }

        @Test("One is sent after its time, another is canceled before", .timeLimit(.minutes(5)))
        func schedule() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                let hour = try await api.send(Submission(scheduledAt: Date(timeIntervalSinceNow: 3600).rfc3339))
                let due = Date(timeIntervalSinceNow: 3)
                let soon = try await api.send(Submission(scheduledAt: due.rfc3339))
                #expect([hour.status, soon.status] == ["scheduled", "scheduled"])
                let seen = try await api.message(hour.id)
                #expect(seen.status == "scheduled")
                #expect(seen.waiting?.blocker == "schedule")

                let answer = try await api.cancel(hour.id)
                #expect(answer.status == 200)
                #expect(try JSONDecoder().decode(Canceled.self, from: Data(answer.body)).canceled == 1)
                #expect(try await api.message(hour.id).status == "canceled")
                let again = try await api.cancel(hour.id)
                #expect(again.status == 409)
                #expect(try again.problem().code == "too_late")

                try await eventually("the scheduled one is sent", every: .milliseconds(20)) {
                    try await cluster.simulator.summary().accepted > 0
                }
                #expect(Date() >= due)
                let sent = try await api.ended([soon.id])[soon.id]
                #expect(sent?.status == "sent")
                #expect(sent?.attempts == 1)
                #expect(try await api.events(soon.id) == ["email.scheduled", "email.sent"])
                #expect(try await api.events(hour.id) == ["email.scheduled", "email.canceled"])
                #expect(try await cluster.simulator.ledger().compactMap(\.messageID) == [soon.id])
            }
        }
    }
}
