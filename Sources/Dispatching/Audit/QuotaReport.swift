public import struct Foundation.Date

/// What `QuotaVerification` has found.
public struct QuotaReport: Sendable {
    /// Half-open windows, overlapping ones as one, in which more recipients were sent than allowed.
    public struct Window: Sendable {
        /// Path of the share whose ceiling was exceeded; "" is the account.
        public let share: String
        /// More than `limit` lie in one window whatever the true times are; else they could.
        public let isCertain: Bool
        public let from: Date
        public let to: Date
        public let most: Int
        public let limit: Int
    }

    /// A time in which mail of a share waited and less was sent than guaranteed.
    public struct Miss: Sendable {
        public let share: String
        public let from: Date
        public let to: Date
        /// The least recipients that left in 10 s, and how many the guarantee is in that time.
        public let least: Int
        public let guaranteed: Double
    }

    /// The quota that was held against: recipients a second; and where it comes from.
    public let rate: Double
    public let rateSource: String
    /// The window's length in seconds.
    public let window: Double
    public let attempts: Int
    public let recipients: Int
    /// Attempts without clock samples near them: nothing is known about when they were.
    public let notVerifiable: Int
    /// How far a node's clock may be off the database's, at most, in milliseconds.
    public let clockError: Double
    public let windows: [Window]
    public let misses: [Miss]

    /// Whether some window was certainly over its limit.
    public var isViolated: Bool { windows.contains { $0.isCertain } }
}
