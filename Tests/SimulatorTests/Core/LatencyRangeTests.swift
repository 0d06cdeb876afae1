import Testing

@testable import Simulator

struct LatencyRangeTests {
    @Test func readsOneValueOrARange() throws {
        #expect(try LatencyRange(parsing: "20ms") == LatencyRange(.milliseconds(20)))
        #expect(try LatencyRange(parsing: "0") == .zero)
        let range = try LatencyRange(parsing: "1.5ms..2s")
        #expect(range.lower == .microseconds(1500) && range.upper == .seconds(2))
        #expect(try LatencyRange(parsing: "0..80ms").upper == .milliseconds(80))
        #expect(try LatencyRange(parsing: range.description) == range)
    }

    @Test(arguments: [
        "", "20", "ms", "20 parsecs", "30ms..", "..30ms", "80ms..30ms", "-1ms", "2h", "1..2ms", "30ms...80ms",
    ])
    func refuses(text: String) {
        let error = #expect(throws: SimulatorError.self) { try LatencyRange(parsing: text) }
        #expect(error?.code == .invalidOption)
    }
}
