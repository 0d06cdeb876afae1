import Directory
import Foundation
import Testing
import Yams

/// The `reputation` of an account, as configured.
struct ReputationThresholdsTests {
    private static func read(_ yaml: String) throws -> ReputationThresholds {
        try YAMLDecoder().decode(ReputationThresholds.self, from: yaml)
    }

    @Test func whatIsNotSaidIsAsUsual() throws {
        #expect(try Self.read("{}") == ReputationThresholds())
        let some = try Self.read("{bounce: {slow: 5}, slow_rate: 3}")
        #expect(some.bounce == ReputationThresholds.Levels(warn: 2, slow: 5, pause: 8))
        #expect(some.complaint == ReputationThresholds().complaint && some.slowRate == 3 && some.minimumSent == 200)
    }

    @Test func theUsualOnesStayBelowThoseOfSES() {
        let usual = ReputationThresholds()
        #expect(usual.bounce.slow < 5 && usual.bounce.pause < 10)
        #expect(usual.complaint.slow < 0.1 && usual.complaint.pause < 0.5)
    }

    @Test func comesBackFromTheDatabaseAsItWent() throws {
        let thresholds = try Self.read("{complaint: {warn: 0.07, slow: 0.09, pause: 0.25}, minimum_sent: 1000}")
        let stored = try JSONEncoder().encode(thresholds)
        #expect(try JSONDecoder().decode(ReputationThresholds.self, from: stored) == thresholds)
    }

    @Test(arguments: [
        "{bounce: {warn: 5, slow: 4}}", "{bounce: {warn: 0}}", "{complaint: {pause: 101}}", "{bounce: {review: 1}}",
        "{minimum_sent: 5}", "{minimum_sent: 200.5}", "{slow_rate: 0}", "{slow: 1}",
    ])
    func refuses(_ yaml: String) {
        #expect(throws: DecodingError.self) { try Self.read(yaml) }
    }
}
