import Testing

@testable import Simulator

struct SimulatorOptionsTests {
    @Test func theDefaultsAreValidAndOnLoopback() throws {
        let options = SimulatorOptions()
        try options.validate()
        #expect(options.host == "127.0.0.1")
    }

    @Test(arguments: [
        SimulatorOptions(port: 65_536), SimulatorOptions(rate: 0), SimulatorOptions(rate: -1),
        SimulatorOptions(rate: .infinity), SimulatorOptions(rate: .nan), SimulatorOptions(daily: -2),
        SimulatorOptions(ledgerCapacity: -1),
    ])
    func refusesWhatIsOutOfRange(options: SimulatorOptions) {
        #expect(throws: SimulatorError.self) { try options.validate() }
    }

    @Test func settingsAreReadStrictly() throws {
        let settings = try SimulatorSettings(parsing: #"{"rate": 0.5, "daily": -1, "latency": "30ms..80ms"}"#)
        #expect(settings.rate == 0.5 && settings.daily == -1 && settings.latency?.upper == .milliseconds(80))
        #expect(try SimulatorSettings(parsing: "{}").rate == nil)
        for document in [#"{"rat": 1}"#, #"{"rate": 0}"#, #"{"daily": -2}"#, #"{"latency": "soon"}"#, "[]", "{"] {
            let error = #expect(throws: SimulatorError.self) { try SimulatorSettings(parsing: document) }
            #expect(error?.code == .invalidSettings)
        }
    }
}
