import Postgres

/// Endpoints without room, which are left alone for a while: those that stand before the feed with a full queue must not take
/// the places of a pass from those that can move.
struct FanOutRests {
    static let first = Duration.milliseconds(50)
    /// A failing endpoint drains slowly; so does one that was found full again and again.
    static let longest = Duration.seconds(5)

    private struct Rest {
        var length: Duration
        var until: ContinuousClock.Instant
    }

    private var rests: [PostgresUUID: Rest] = [:]

    /// Who is to be left alone.
    func held(now: ContinuousClock.Instant) -> [PostgresUUID] {
        rests.filter { $0.value.until > now }.map(\.key)
    }

    /// Each time that an endpoint is found full, it rests twice as long, until it moves.
    mutating func note(_ pass: FanOut.Pass, now: ContinuousClock.Instant) {
        for cursor in pass.full {
            let length = rests[cursor.id].map { min($0.length * 2, Self.longest) } ?? Self.first
            let rest = cursor.isFailing ? Self.longest : length
            rests[cursor.id] = Rest(length: rest, until: now + rest)
        }
        for id in pass.moved { rests[id] = nil }
        rests = rests.filter { $0.value.until + Self.longest > now }
    }
}
