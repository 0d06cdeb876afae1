import Capacity
import Testing

@Suite("Whole worlds, simulated with faults")
struct WorldTests {
    /// SLUICE_SIM_SEED=7 replays one, SLUICE_SIM_SEED=1000-1999 tries others.
    static let seeds: [UInt64] = {
        let bounds = (environment("SLUICE_SIM_SEED") ?? "0-179").split(separator: "-").compactMap { UInt64($0) }
        guard let first = bounds.first, let last = bounds.last, first <= last else { return [] }
        return Array(first...last)
    }()

    /// About 1.5 million recipients in all.
    @Test("Nothing over quota, no credit twice, everything sent", arguments: seeds)
    func sweep(seed: UInt64) {
        let scenario = WorldScenario(seed: seed)
        let findings = scenario.run()
        let world = scenario.world
        if Self.seeds.count == 1 {
            print(
                "seed \(seed): \(world.sends.sum) recipients, \(world.database.grantTransactions) grant transactions,",
                "\(world.lives.count) lives, epoch \(world.database.epoch)"
            )
            if !findings.isEmpty { print(world) }
        }
        #expect(findings == [], "replay with SLUICE_SIM_SEED=\(seed)")
    }

    @Test(
        "A planted mistake is found",
        arguments: [
            ("credits cool 300 ms short", WorldOptions.Bugs(coolsShort: 300 * .millisecond), "I1"),
            ("what comes late is taken", WorldOptions.Bugs(takesStaleReads: true), "I2"),
            ("reports count at any version", WorldOptions.Bugs(takesStaleReports: true), "I2"),
            (
                "a node is buried without W and the margin", WorldOptions.Bugs(buriesEarly: 2500 * .millisecond),
                "buried"
            ),
            ("reports skip the cooling", WorldOptions.Bugs(reportsBeforeCooling: true), "I2"),
            ("leaders do not lock", WorldOptions.Bugs(leadersDoNotLock: true), "I2"),
            ("nodes ignore their deadline", WorldOptions.Bugs(ignoresDeadline: true), "I"),
            ("a failover is not noticed", WorldOptions.Bugs(ignoresTimelines: true), "I1"),
            ("nobody waits after a failover", WorldOptions.Bugs(doesNotWaitAfterFailover: true), "I1"),
        ]
    )
    func planted(what: String, bugs: WorldOptions.Bugs, finding: String) {
        let seeds = (0..<400 as Range<UInt64>).lazy.filter { $0 % 4 != 0 || bugs.coolsShort > 0 }
        let found = seeds.first { seed in
            let findings = WorldScenario(seed: seed, bugs: bugs, slowStatements: 400).run(seconds: 20)
            return findings.contains { $0.contains(": \(finding)") || $0.contains(finding) && finding.count > 2 }
        }
        print("planted, \(what): found by seed \(found.map { "\($0)" } ?? "none")")
        #expect(found != nil)
    }
}
