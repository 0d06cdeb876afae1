import Mail
import Outbox

/// Signs that wait to be told, one of each queue.
struct GatheredSigns {
    /// Beyond, the others are told to look at all queues from their starts.
    static let most = 3000

    private struct Queue: Hashable {
        let laneID: Int32
        let priority: Int16
    }

    private var signs: [Queue: QueueSign] = [:]
    /// Some are not there, because there were too many.
    private(set) var hasOverflown = false

    var isEmpty: Bool { signs.isEmpty && !hasOverflown }
    var all: [QueueSign] { Array(signs.values) }

    mutating func add(_ new: some Sequence<QueueSign>) {
        for sign in new {
            let queue = Queue(laneID: sign.laneID, priority: sign.priority.rawValue)
            if let known = signs[queue] {
                signs[queue] = known.adding(sign)
            } else if signs.count < Self.most {
                signs[queue] = sign
            } else {
                hasOverflown = true
            }
        }
    }

    /// Puts back what could not be told.
    mutating func add(_ other: GatheredSigns) {
        add(other.all)
        hasOverflown = hasOverflown || other.hasOverflown
    }

    mutating func take() -> GatheredSigns {
        defer { self = GatheredSigns() }
        return self
    }
}

extension QueueSign {
    fileprivate func adding(_ other: QueueSign) -> QueueSign {
        switch (rows, other.rows) {
        case (.more(let a), .more(let b)):
            QueueSign(
                laneID: laneID,
                priority: priority,
                rows: .more(a + b),
                first: first.flatMap { first in other.first.map { min(first, $0) } }
            )
        default: other
        }
    }
}
