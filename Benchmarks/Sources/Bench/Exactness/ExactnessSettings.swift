/// How long the parts of a cell take, in seconds.
struct ExactnessSettings: Sendable {
    /// Until everybody sends.
    var warmUp = 4.0
    /// With every share backlogged.
    var saturated = 14.0
    /// With demand that comes and goes.
    var reshuffled = 21.0
    /// What utilisation is looked at over.
    var window = 10.0
    /// How long a fault lasts that ends.
    var fault = 10.0
    /// After a fault, with every share backlogged.
    var recovery = 12.0
    var seed: UInt64 = 1

    static func quick(seed: UInt64) -> Self {
        Self(warmUp: 1, saturated: 2.5, reshuffled: 2, window: 2, fault: 1, recovery: 4, seed: seed)
    }

    var text: [String: String] {
        [
            "seed": "\(seed)", "warm-up": "\(warmUp) s", "backlogged": "\(saturated) s",
            "reshuffled": "\(reshuffled) s", "utilisation over": "\(window) s",
        ]
    }
}
