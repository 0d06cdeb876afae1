import Testing

extension RealProcesses.OneByOne {
    @Suite("Faults of SES") struct FaultTests {
        /// Resets, errors and throttling at random (seeded), some at a time.
        private static let faults = """
            {fault: reset_before_body, probability: 0.02, count: 8}, {fault: reset_during_body, probability: 0.02, count: 8}, \
            {fault: reset_after_body, probability: 0.04, count: 15}, {fault: status, code: 500, probability: 0.02, count: 8}, \
            {fault: status, code: 500, accept: true, probability: 0.02, count: 8}, \
            {fault: throttle, probability: 0.05, count: 15}
            """

        @Test("Resets, errors, throttling: nothing lost, twice only what was unknown", .timeLimit(.minutes(10)))
        func faults() async throws {
            let plan = ClusterPlan(environment: ["SLUICE_UNKNOWN_GRACE": "2s"])
            try await Cluster.with(plan) { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                try await cluster.simulator.setFaults(Self.faults)
                let load = Load()
                try await load.post(500, to: [api])
                let checker = try await Checker(load, api: api, simulator: cluster.simulator)
                let outcomes = Dictionary(grouping: checker.ledger, by: \.outcome).mapValues(\.count)
                print("Faults: \(checker.figures), outcomes \(outcomes)")
                try await checker.expectSound(cluster.simulator)
                for outcome in [
                    "reset_before_body", "reset_during_body", "reset_after_accept", "failed", "failed_after_accept",
                    "throttled_by_fault",
                ] {
                    #expect(outcomes[outcome] ?? 0 > 0, "the run had \(outcome)")
                }
                expectAttempts(
                    checker,
                    resets: (outcomes["reset_before_body"] ?? 0) + (outcomes["reset_during_body"] ?? 0)
                )
            }
        }

        /// An attempt more than one for each unknown outcome, and for each request that was cut off before it was whole.
        private func expectAttempts(_ checker: Checker, resets: Int) {
            let throttled = Set(checker.ledger.filter { $0.outcome == "throttled_by_fault" }.compactMap(\.messageID))
            var cutOff = 0
            for message in checker.messages.values {
                let more = message.attempts - 1 - (checker.unknown[message.id] ?? 0)
                #expect(more >= 0)
                if throttled.contains(message.id) { #expect(more == 0, "a throttled call is no attempt") }
                cutOff += more
            }
            #expect(cutOff <= resets)
        }
    }
}
