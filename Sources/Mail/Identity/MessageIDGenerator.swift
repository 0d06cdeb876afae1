/// Makes message ids that only ever grow within one process, whatever the clock does (RFC 9562, section 6.2, method 1).
///
/// The 12-bit counter starts at a random value in its lower half each millisecond. When it overflows, the generator
/// borrows from the next millisecond; when the clock goes back, it stays at the latest millisecond it has used.
public struct MessageIDGenerator: Sendable {
    private var milliseconds: UInt64 = 0
    private var counter: UInt64 = 0

    public init() {}

    /// The next id for a clock that shows `now`, in milliseconds since 1970 (clamped to 0 ..< 2^48).
    public mutating func next(milliseconds now: Int64, using random: inout some RandomNumberGenerator) -> MessageID {
        let bits: UInt64 = random.next()
        let now = min(UInt64(clamping: now), MessageID.lastMillisecond)
        if now > milliseconds {
            restart(at: now, bits)
        } else if counter < 0xFFF {
            counter += 1
        } else {
            restart(at: milliseconds + 1, bits)
        }
        return .make(milliseconds: milliseconds, counter: counter, random: bits)
    }

    /// The counter's start takes bits that the id's random part leaves unused.
    private mutating func restart(at milliseconds: UInt64, _ bits: UInt64) {
        self.milliseconds = milliseconds
        counter = bits >> 46 & 0x7FF
    }
}
