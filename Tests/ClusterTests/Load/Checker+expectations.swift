import Testing

extension Checker {
    /// Nothing lost, nothing twice but what was unknown, and no second over a limit of the standard plan: AT 300, UK 100, and
    /// 500 altogether.
    func expectSound(_ simulator: SimulatorAPI) async throws {
        #expect(lost.isEmpty)
        #expect(notSent.isEmpty)
        #expect(duplicates.isEmpty)
        #expect(phantoms.count <= notes.uncertain)
        let summary = try await simulator.summary()
        #expect(summary.throttled == 0)
        #expect(summary.maxInOneSecond <= 500)
        #expect(ledger.mostInOneSecond() <= 500)
        #expect(mostInOneSecond(region: "AT") <= 300)
        #expect(mostInOneSecond(region: "UK") <= 100)
    }
}
