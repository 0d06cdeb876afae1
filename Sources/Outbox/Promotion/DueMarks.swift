package import Postgres
import Synchronization

/// Where a sweep over what is due begins: behind what it has taken, which an old snapshot keeps in the index.
///
/// Entries are made for a time that is not over, so nothing comes in below a mark but what was committed late: marks stay ten
/// seconds behind the clock, and now and then a sweep begins from the start.
package final class DueMarks: Sendable {
    /// What is due at this time with this id, and later.
    package struct Mark: Sendable {
        /// A lane, where each has its own order; 0 otherwise.
        package let key: Int32
        /// A `timestamptz` as PostgreSQL writes it.
        package let due: String
        package let id: PostgresUUID

        package init(key: Int32, due: String, id: PostgresUUID) {
            self.key = key
            self.due = due
            self.id = id
        }
    }

    package struct Start: Sendable {
        package let marks: [Mark]
        fileprivate let at: ContinuousClock.Instant
        fileprivate let isWhole: Bool
    }

    private struct State {
        var marks: [Int32: Mark] = [:]
        var wholeLooks = WholeLooks(now: .now)
    }

    private let state = Mutex(State())

    init() {}

    /// The marks to begin with, in the order of their keys; none for a sweep from the start.
    package func begin() -> Start {
        let now = ContinuousClock.now
        return state.withLock { state in
            let isWhole = now >= state.wholeLooks.dueAt
            let marks = isWhole ? [] : state.marks.values.sorted { $0.key < $1.key }
            return Start(marks: marks, at: now, isWhole: isWhole)
        }
    }

    /// - Parameter reached: of the keys of which something was taken.
    func end(_ start: Start, _ reached: [Mark]) {
        state.withLock { state in
            if start.isWhole, state.wholeLooks.succeeded(from: start.at, to: .now) { state.marks = [:] }
            for mark in reached { state.marks[mark.key] = mark }
        }
    }

    /// The sweep failed: where it was one from the start there is another one soon, and those until then go by the marks.
    func abandon(_ start: Start) {
        guard start.isWhole else { return }
        state.withLock { $0.wholeLooks.failed(at: .now) }
    }

    /// Makes a sweep with `start`, whose result says how far it came.
    func sweep<Rows>(_ body: (Start) async throws -> (Rows, reached: [Mark])) async throws -> Rows {
        let start = begin()
        do {
            let (rows, reached) = try await body(start)
            end(start, reached)
            return rows
        } catch {
            abandon(start)
            throw error
        }
    }

    /// The select list and source that give each key's mark (key, entries taken, id, time): the last entry of `source` where the
    /// sweep took all that it may, else all that is due has been seen; ten seconds ago at the latest.
    static func reached(in source: String, key: String, time: String, limit: Int, priority: SQL = "") -> SQL {
        """
        SELECT \(raw: key), \(priority)count(*),
               CASE WHEN count(*) < \(Int64(limit)) OR max(\(raw: time)) > now() - interval '10 seconds'
                    THEN \(PostgresUUID.lowest) ELSE (array_agg(id ORDER BY \(raw: time) DESC, id DESC))[1] END,
               CASE WHEN count(*) < \(Int64(limit)) THEN now() - interval '10 seconds'
                    ELSE least(max(\(raw: time)), now() - interval '10 seconds') END::text
        FROM \(raw: source) GROUP BY 1
        """
    }
}
