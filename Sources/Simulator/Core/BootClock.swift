import FoundationEssentials

/// The clocks of the shell: nanoseconds of CLOCK_BOOTTIME, which is what `ContinuousClock` reads on Linux, and wall-clock
/// milliseconds for message ids.
struct BootClock: Sendable {
    private let epoch = ContinuousClock().systemEpoch

    func now() -> Int64 {
        epoch.duration(to: ContinuousClock.now).wholeNanoseconds
    }

    func milliseconds() -> Int64 {
        Int64(Date.now.timeIntervalSince1970 * 1000)
    }
}
