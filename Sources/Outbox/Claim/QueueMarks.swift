package import Mail
package import Postgres
import Synchronization

/// Where this node begins to read each queue: behind the entries that were claimed. An old snapshot keeps those in the index,
/// and without a mark every claim would walk through all of them.
///
/// A mark is a hint and nothing hangs on it. Entries that come in below it (late commits, what was put back, clocks that differ)
/// are signed and lower it; for signs that were missed there is a look from the start now and then (``QueueScan``).
public final class QueueMarks: Sendable {
    package struct Queue: Hashable, Sendable {
        package let laneID: Int32
        package let priority: Priority

        package init(laneID: Int32, priority: Priority) {
            self.laneID = laneID
            self.priority = priority
        }
    }

    /// The marks with which a claim began.
    struct Start: Sendable {
        let queues: [Queue]
        let firsts: [PostgresUUID]
    }

    private struct Mark {
        /// Reading begins with this id.
        var first: PostgresUUID
        /// Claims under way, and the lowest id that was signed while they were.
        var claims = 0
        var signed: PostgresUUID?
        /// It was raised since ``forgetIdle()`` looked last.
        var isUsed = true
    }

    private let marks = Mutex<[Queue: Mark]>([:])

    public init() {}

    /// Begins a claim; ends it with ``end(_:last:)``.
    func begin(_ queues: [Queue]) -> Start {
        marks.withLock { marks in
            let firsts = queues.map { queue in
                var mark = marks[queue] ?? Mark(first: .lowest)
                if mark.claims == 0 { mark.signed = nil }
                mark.claims += 1
                marks[queue] = mark
                return mark.first
            }
            return Start(queues: queues, firsts: firsts)
        }
    }

    /// Raises the marks to the last id that was taken of each queue, but not above what was signed meanwhile; nil: nothing was.
    func end(_ start: Start, last: [PostgresUUID?]) {
        marks.withLock { marks in
            for (queue, last) in zip(start.queues, last) {
                guard var mark = marks[queue], mark.claims > 0 else { continue }
                mark.claims -= 1
                if let last {
                    mark.first = max(mark.first, min(last, mark.signed ?? last))
                    mark.isUsed = true
                }
                marks[queue] = mark
            }
        }
    }

    /// Nobody knows what the claim has taken: the next one begins where it did.
    func abandon(_ start: Start) {
        marks.withLock { marks in
            for (queue, first) in zip(start.queues, start.firsts) {
                marks[queue]?.claims -= 1
                Self.lower(&marks, queue, to: first)
            }
        }
    }

    /// Takes note of entries that came into queues. A sign that does not say from where on lowers the mark to the start.
    public func lower(_ signs: [QueueSign]) {
        marks.withLock { marks in
            for sign in signs {
                guard case .more = sign.rows else { continue }
                let queue = Queue(laneID: sign.laneID, priority: sign.priority)
                Self.lower(&marks, queue, to: sign.first ?? .lowest)
            }
        }
    }

    /// Takes note of the lowest entry that a look from the start has found.
    package func lower(_ queue: Queue, to first: PostgresUUID) {
        marks.withLock { Self.lower(&$0, queue, to: first) }
    }

    private static func lower(_ marks: inout [Queue: Mark], _ queue: Queue, to first: PostgresUUID) {
        guard var mark = marks[queue] else { return }
        mark.first = min(mark.first, first)
        mark.signed = min(mark.signed ?? first, first)
        marks[queue] = mark
    }

    /// Begins everywhere from the start again: signs may have been missed.
    public func forget() {
        marks.withLock { marks in
            for queue in marks.keys { Self.lower(&marks, queue, to: .lowest) }
            marks = marks.filter { $0.value.claims > 0 }
        }
    }

    /// Forgets marks of queues that nobody has claimed from since it was called last.
    public func forgetIdle() {
        marks.withLock { marks in
            marks = marks.filter { $0.value.isUsed || $0.value.claims > 0 }
            for queue in marks.keys { marks[queue]?.isUsed = false }
        }
    }

    /// Where reading begins, for every lane with a mark, in order of the lanes.
    package func lanes() -> [(laneID: Int32, firsts: [PostgresUUID])] {
        let marks = marks.withLock(\.self)
        return Set(marks.keys.map(\.laneID)).sorted().map { lane in
            (lane, Priority.allCases.map { marks[Queue(laneID: lane, priority: $0)]?.first ?? .lowest })
        }
    }

    /// Where reading of a queue begins.
    package func first(_ queue: Queue) -> PostgresUUID { marks.withLock { $0[queue]?.first } ?? .lowest }
}

extension PostgresUUID {
    static let lowest = PostgresUUID(high: 0, low: 0)
}
