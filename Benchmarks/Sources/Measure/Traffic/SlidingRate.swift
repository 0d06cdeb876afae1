/// Recipients in the window before each instant, for pictures.
public enum SlidingRate {
    /// - Returns: for each `step` from `start` to `end`, the most that any window ending in it held (all nanoseconds).
    public static func series(
        _ sends: [(at: Int64, recipients: Int)],
        from start: Int64,
        to end: Int64,
        step: Int64,
        window: Int64 = 1_000_000_000
    ) -> [Int] {
        let steps = max(0, Int((end - start) / step))
        var series = [Int](repeating: 0, count: steps)
        var first = 0
        var next = 0
        var held = 0
        for index in 0..<steps {
            let opens = start + Int64(index) * step
            let closes = opens + step
            func leave(before instant: Int64) {
                while first < next, sends[first].at <= instant - window {
                    held -= sends[first].recipients
                    first += 1
                }
            }
            func enter(before instant: Int64) {
                while next < sends.count, sends[next].at < instant {
                    held += sends[next].recipients
                    next += 1
                    leave(before: sends[next - 1].at)
                    series[index] = max(series[index], held)
                }
            }
            // Only of the first step may there be something that was sent before it.
            enter(before: opens)
            leave(before: opens)
            series[index] = held
            enter(before: closes)
        }
        return series
    }
}
