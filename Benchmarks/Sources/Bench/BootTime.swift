/// Nanoseconds of CLOCK_BOOTTIME, which is the clock of the simulator's ledger.
enum BootTime {
    static func now() -> Int64 {
        let since = ContinuousClock().systemEpoch.duration(to: .now).components
        return since.seconds * 1_000_000_000 + since.attoseconds / 1_000_000_000
    }

    /// Seconds from one instant to another.
    static func seconds(_ from: Int64, _ to: Int64) -> Double { Double(to - from) / 1e9 }
}

/// Waits so many seconds; throws when the benchmark is stopped.
func pause(_ seconds: Double) async throws {
    try await Task.sleep(for: .seconds(seconds))
}

/// Looks every `pause` seconds until a condition holds; throws `Failure` after `limit` seconds.
func eventually(
    _ what: String,
    within limit: Double = 60,
    every interval: Double = 0.02,
    _ condition: () async throws -> Bool
) async throws {
    let end = BootTime.now() + Int64(limit * 1e9)
    while try await !condition() {
        guard BootTime.now() < end else { throw Failure("not within \(limit) s: \(what)") }
        try await pause(interval)
    }
}
