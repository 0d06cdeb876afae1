/// What was accepted for a tenant in the last day, by quarters of an hour.
///
/// A quarter counts until a day after its end, so what was accepted counts for 24 hours to 24 hours and 15 minutes.
struct DayUse {
    static let slotSeconds = 900
    /// Slots that count: those of a day, and the present one.
    static let slots = 97

    /// Oldest first.
    private let past: [(slot: Int, recipients: Int)]
    /// Not in a slot yet.
    private var recent: Int
    /// Seconds since 1970, of the database.
    private let now: Double

    init(past: [(slot: Int, recipients: Int)], recent: Int, now: Double) {
        self.past = past
        self.recent = recent
        self.now = now
    }

    var total: Int { past.reduce(recent) { $0 + $1.recipients } }

    mutating func take(_ recipients: Int) { recent += recipients }

    /// Whole seconds until so many fit beside what is left by then; a whole day when they never do.
    func seconds(until recipients: Int, fitIn most: Int) -> Int {
        var left = total
        for (slot, count) in past {
            left -= count
            if left + recipients <= most { return Self.seconds(from: now, toEndOf: slot) }
        }
        return 86_400
    }

    private static func seconds(from now: Double, toEndOf slot: Int) -> Int {
        let end = Double((slot + Self.slots) * slotSeconds)
        return max(1, Int((end - now).rounded(.up)))
    }
}
