/// How fast a body has to come that keeps a place from others: a place is not held by sending next to nothing.
struct UploadPace {
    static let grace = Duration.seconds(30)
    static let bytesPerSecond = 1024

    private let start = ContinuousClock.now

    /// - Throws: problem `request_timeout` when too few bytes have come so far.
    func check(_ received: Int, now: ContinuousClock.Instant = .now) throws(Problem) {
        guard received < Self.least(after: now - start) else { return }
        throw Problem(
            .requestTimeout,
            "the body arrives too slowly: less than \(Self.bytesPerSecond) bytes a second",
            closesConnection: true
        )
    }

    static func least(after elapsed: Duration) -> Int {
        elapsed <= grace ? 0 : Int((elapsed - grace) / .seconds(1)) * bytesPerSecond
    }
}
