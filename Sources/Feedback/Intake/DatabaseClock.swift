import Postgres
import Synchronization

import struct FoundationEssentials.Date

/// The database's time, for when ours is in doubt. Asked for once a minute at most, and counted on from there.
final class DatabaseClock: Sendable {
    private struct Reading {
        let time: Date
        let readAt: ContinuousClock.Instant

        var age: Duration { .now - readAt }
    }

    private static let holds = Duration.seconds(60)

    private let pool: PostgresPool
    private let last = Mutex<Reading?>(nil)

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Nil while the database is away.
    func now() async -> Date? {
        if let known = last.withLock({ $0 }), known.age < Self.holds { return Self.date(known) }
        guard
            let rows = try? await pool.query("SELECT clock_timestamp()", timeout: .seconds(2)),
            let time = try? rows.decode(Date.self).first
        else { return nil }
        let reading = Reading(time: time, readAt: .now)
        last.withLock { $0 = reading }
        return Self.date(reading)
    }

    private static func date(_ reading: Reading) -> Date {
        reading.time.addingTimeInterval(reading.age / .seconds(1))
    }
}
