import Foundation
import Telemetry
import Testing

struct ReadinessTests {
    @Test func readyNeedsThePhaseAndEveryCheck() {
        let readiness = Readiness(checks: ["database", "schema"])
        #expect(!readiness.isReady)
        readiness.advance(to: .ready)
        #expect(!readiness.isReady)
        readiness.set("database", .passing)
        #expect(!readiness.isReady)
        readiness.set("schema", .passing)
        #expect(readiness.isReady)
        readiness.set("database", .failing("The database does not answer."))
        #expect(!readiness.isReady)
        readiness.set("database", .passing)
        #expect(readiness.isReady)
    }

    @Test func phasesOnlyMoveForward() {
        let readiness = Readiness(checks: [])
        readiness.advance(to: .draining)
        readiness.advance(to: .ready)
        #expect(readiness.report.phase == .draining)
        #expect(!readiness.isReady)
    }

    @Test func aChangeIsToldOnce() {
        let readiness = Readiness()
        #expect(readiness.set("database", .passing))
        #expect(!readiness.set("database", .passing))
        #expect(readiness.set("database", .failing("gone")))
        #expect(!readiness.set("database", .failing("gone")))
    }

    @Test func theReportIsPlainJSON() throws {
        let readiness = Readiness(checks: ["database", "schema"])
        readiness.set("schema", .failing("version 3, wanted 4"))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(readiness.report), as: UTF8.self)
        #expect(text == #"{"checks":{"database":"pending","schema":"version 3, wanted 4"},"phase":"starting"}"#)
    }
}
