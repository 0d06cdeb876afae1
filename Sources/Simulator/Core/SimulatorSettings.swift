/// The limits that `PUT /_simulator/settings` changes while the simulator runs: `{"rate": 50, "daily": 50000,
/// "latency": "30ms..80ms", "strict": true}`, each of them optional.
struct SimulatorSettings: Equatable, Sendable {
    var rate: Double?
    var daily: Int?
    var latency: LatencyRange?
    /// Whether identities and configuration sets that were not made are refused.
    var strict: Bool?

    /// Throws `invalidSettings` for unknown members and bad values.
    init(parsing text: String) throws(SimulatorError) {
        var document = try StrictMapping(parsing: text, code: .invalidSettings)
        rate = try document.number("rate", in: 0.0001...1e9)
        daily = try document.integer("daily", in: -1...Int.max)
        if let text = try document.string("latency") {
            do throws(SimulatorError) {
                latency = try LatencyRange(parsing: text)
            } catch {
                throw SimulatorError(.invalidSettings, error.message)
            }
        }
        strict = try document.boolean("strict")
        try document.finish()
    }
}

extension SimulatedSES {
    mutating func apply(_ settings: SimulatorSettings) {
        if let rate = settings.rate { self.rate.change(rate: rate) }
        if let daily = settings.daily { quota.limit = daily }
        if let latency = settings.latency { self.latency = latency }
        if let strict = settings.strict { identities.isStrict = strict }
    }

    /// The settings in force, as JSON.
    var settingsJSON: String {
        #"{"rate":\#(rate.rate),"daily":\#(quota.limit),"latency":"\#(latency)","faults":\#(rules.rules.count),"#
            + #""strict":\#(identities.isStrict)}"#
    }
}
