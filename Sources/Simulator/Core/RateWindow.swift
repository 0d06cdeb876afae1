/// The per-second limit as a sliding-window log: no half-open window of `max(1, 1/rate)` seconds ever holds more than
/// `max(1, floor(rate))` recipients. No bursts and no debt, which is stricter than SES.
struct RateWindow {
    private struct Entry {
        let at: Int64
        let recipients: Int
    }

    private(set) var rate: Double
    /// Most recipients in one window.
    private(set) var limit: Int
    /// The window's length in nanoseconds.
    private(set) var length: Int64
    private var entries = Ring<Entry>()
    private var held = 0

    init(rate: Double) {
        self.rate = rate
        limit = Self.limit(rate)
        length = Self.length(rate)
    }

    /// Whether `recipients` more fit into the window that ends at `now` (nanoseconds, never falling).
    mutating func admits(_ recipients: Int, at now: Int64) -> Bool {
        // Half-open: what was counted exactly one window ago is outside.
        while let oldest = entries.first, now - oldest.at >= length {
            held -= oldest.recipients
            entries.popFirst()
        }
        return held + recipients <= limit
    }

    /// Counts `recipients` at `now`, which `admits` has let in.
    mutating func record(_ recipients: Int, at now: Int64) {
        entries.append(Entry(at: now, recipients: recipients))
        held += recipients
    }

    /// Changes the rate; what was counted stays counted.
    mutating func change(rate: Double) {
        self.rate = rate
        limit = Self.limit(rate)
        length = Self.length(rate)
    }

    private static func limit(_ rate: Double) -> Int {
        max(1, Int(min(rate, 1e9)))
    }

    private static func length(_ rate: Double) -> Int64 {
        Int64((max(1, 1 / rate) * 1e9).rounded(.up))
    }
}
