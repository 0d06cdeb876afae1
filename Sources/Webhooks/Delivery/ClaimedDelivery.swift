import Foundation
import Outbox
import Postgres
import Signing

/// A delivery that is this node's until its claim runs out.
struct ClaimedDelivery: Sendable {
    let id: PostgresUUID
    let endpointID: PostgresUUID
    let isReplay: Bool
    /// Where the claim put the queue row. Whoever finds it elsewhere has lost the delivery to another claim.
    let claimedUntil: Date
    /// Attempts made before this one.
    let attempts: Int
    /// When it would have been due, if it was brought forward.
    let scheduledAt: Date?
    /// Nil when retention has dropped the delivery.
    let message: Message?
    let url: String
    /// The newest first.
    let secrets: [WebhookSecret]
    /// This node's part of it: all live nodes with this role share it.
    let maxRate: Int?
    /// The endpoint's failures in a row when it was claimed.
    let failures: Int
    /// Whether its successes in a row are counted.
    let isRecovering: Bool

    struct Message: Sendable {
        let tenantID: Int32
        let eventID: String
        let event: EventReference
        /// When it came into the feed; nil when it is not there.
        let sequencedAt: Date?
    }
}
