/// The most recipients in any half-open window of one length, by two pointers over all timestamps: the referee of the
/// rate limit, which shares no code with it.
struct WindowMaximum {
    private let length: Int64
    private var open = Ring<(at: Int64, recipients: Int)>()
    private var held = 0
    private(set) var maximum = 0

    /// `length` in nanoseconds.
    init(length: Int64) {
        self.length = length
    }

    /// Takes the next timestamp; they never fall.
    mutating func add(at: Int64, recipients: Int) {
        open.append((at, recipients))
        held += recipients
        // [t, t + length) and (t - length, t] see the same sets, so looking back from each send suffices.
        while let oldest = open.first, at - oldest.at >= length {
            held -= oldest.recipients
            open.popFirst()
        }
        maximum = max(maximum, held)
    }
}
