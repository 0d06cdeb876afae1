import Gateway
import Mail
import Synchronization

/// Takes down who does not want mail any more.
final class TestUnsubscribes: UnsubscribeKeeping {
    struct Entry: Hashable {
        let email: String
        let copy: OutboxID
        let tenantID: Int32
    }

    private let entries = Mutex<[Entry]>([])

    /// Every call, in order.
    var taken: [Entry] { entries.withLock { $0 } }

    func unsubscribe(_ email: String, from copy: OutboxID, tenantID: Int32) async throws -> Bool {
        let entry = Entry(email: email, copy: copy, tenantID: tenantID)
        return entries.withLock { entries in
            defer { entries.append(entry) }
            return !entries.contains(entry)
        }
    }
}
