import Outbox
import SES
import Synchronization

/// Which entries may share a request. Those of a request that SES refused as a whole go alone, for one of them may be the
/// reason; and all do for a while when SES takes no such requests from the account at all.
final class BulkSharing: Sendable {
    /// What the refusal of a whole request says of the next.
    enum Lesson: Equatable {
        /// Nothing: a single call would have ended the same way.
        case none
        case entriesAlone
        case off
    }

    static let pause = Duration.seconds(300)
    /// Entries that are remembered; older ones may share again, and learn again.
    static let capacity = 20_000

    private struct State {
        var alone: Set<EntryID> = []
        var order: [EntryID] = []
        var oldest = 0
        var resumesAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    func allows(_ entry: EntryID, now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            if let resumesAt = state.resumesAt, now < resumesAt { return false }
            return !state.alone.contains(entry)
        }
    }

    /// Some entries go alone from now on.
    func exclude(_ entries: some Sequence<EntryID>) {
        state.withLock { state in
            for entry in entries where state.alone.insert(entry).inserted {
                if state.order.count < Self.capacity {
                    state.order.append(entry)
                } else {
                    state.alone.remove(state.order[state.oldest])
                    state.order[state.oldest] = entry
                    state.oldest = (state.oldest + 1) % Self.capacity
                }
            }
        }
    }

    /// Nothing is shared for a while. Returns whether that is news.
    func switchOff(now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            defer { state.resumesAt = now + Self.pause }
            return state.resumesAt.map { now >= $0 } ?? true
        }
    }

    static func lesson(of refusal: SendFailure) -> Lesson {
        switch refusal.kind {
        case .rejected, .identityUnverified: return .entriesAlone
        // A policy without ses:SendBulkEmail, or an endpoint that knows no such path. What concerns every call, a single one
        // will find and say.
        case .configuration: return .off
        case .credentials:
            let isPolicy = ["AccessDenied", "AccessDeniedException", "NotAuthorized", nil].contains(refusal.code)
            return isPolicy ? .off : .none
        default: return .none
        }
    }
}
