/// Gives message ids. Unique within a run because the last 64 bits are a bijection of a counter; `salt` keeps runs apart.
struct MessageIDs {
    private let salt: UInt64
    private var counter: UInt64 = 0

    init(salt: UInt64) {
        self.salt = salt
    }

    mutating func next(milliseconds: Int64) -> MessageID {
        counter &+= 1
        return MessageID(
            milliseconds: milliseconds,
            high: SplitMix64.mix(salt &+ counter),
            low: SplitMix64.mix(counter ^ (salt << 1 | 1))
        )
    }
}
