/// What a fault did to sending.
public struct Pause: Sendable, Equatable, Codable {
    /// The longest time without a send that began after the fault, in seconds.
    public var silence: Double
    /// Seconds from the fault (of PostgreSQL: from when it accepted connections again) until the first send after that silence;
    /// 0 where sending never stopped for a second.
    public var resumed: Double
    /// Seconds until some second held 90 % of what credits allow; nil: never in the time that was looked at.
    public var restored: Double?

    /// - Parameters:
    ///   - sends: accepted ones, in order.
    ///   - fault: when it struck.
    ///   - counted: from when on recovery is counted.
    ///   - end: the last instant that is looked at.
    ///   - rate: recipients per second while nothing is wrong.
    public init(_ sends: [(at: Int64, recipients: Int)], fault: Int64, counted: Int64, end: Int64, rate: Double) {
        var silence: Int64 = 0
        var after = counted
        var last = fault
        for send in sends where send.at > fault && send.at <= end {
            if send.at - last > silence {
                silence = send.at - last
                after = send.at
            }
            last = send.at
        }
        if end - last > silence {
            silence = end - last
            after = end
        }
        self.silence = Double(silence) / 1e9
        // A moment without sends is no pause, and at 1/s one of some seconds is none.
        let usual = max(1, 3 / max(rate, 0.1))
        resumed = self.silence <= usual ? 0 : max(0, Double(after - counted) / 1e9)
        restored = Self.restored(sends, since: self.silence <= usual ? counted : after, counted: counted, end, rate)
    }

    private static func restored(
        _ sends: [(at: Int64, recipients: Int)],
        since: Int64,
        counted: Int64,
        _ end: Int64,
        _ rate: Double
    ) -> Double? {
        let wanted = max(1, Int(rate * 0.9))
        var first = 0
        var held = 0
        for send in sends where send.at >= since && send.at <= end {
            held += send.recipients
            while sends[first].at < since || send.at - sends[first].at >= 1_000_000_000 {
                if sends[first].at >= since { held -= sends[first].recipients }
                first += 1
            }
            if held >= wanted { return max(0, Double(send.at - counted) / 1e9) }
        }
        return nil
    }
}
