/// How an account's quota turns into credits (design.md section 2).
///
/// A quota of R recipients per second gives `credits` = max(1, floor(R)) indivisible credits, each usable once per
/// `window`. Two uses of one credit are a whole window apart, so no window of max(1, 1/R) s holds more than `credits`.
public struct CreditRule: Equatable, Sendable {
    /// SES's second is not ours: two oscillators may differ by this much over one window.
    public static let clockTolerance: Nanoseconds = 2 * .millisecond

    public let credits: Int
    public let window: Nanoseconds

    /// - Parameter quota: recipients per second, > 0; values below 0.001 count as 0.001.
    public init(quota: Double) {
        let quota = quota.isFinite ? min(max(quota, 0.001), 10_000_000) : 0.001
        credits = max(1, Int(quota))
        let seconds = max(1, 1 / quota)
        window = Nanoseconds((seconds * Double(Nanoseconds.second)).rounded(.up)) + Self.clockTolerance
    }
}
