import Foundation
import Postgres

extension MessageView.Waiting {
    /// Reads the row of `WaitingStatement`.
    init(_ row: Row, now: Date) throws {
        if try row["is_ready", as: Bool.self] {
            try self.init(ready: row, now: now)
            return
        }
        let due = try row["due_at", as: Date?.self]
        let reason = try row["reason", as: Int16?.self].flatMap(DeferredReason.init(rawValue:))
        let isInDoubt = reason == .unknown || reason == .restored
        let unknown = "an attempt may have reached SES; waiting for its word"
        self.init(
            blocker: reason == .scheduled ? .schedule : .retry,
            detail: isInDoubt ? unknown : nil,
            until: due,
            // What waits for SES's word is sent again only if none comes.
            eta: isInDoubt ? nil : due
        )
    }

    private init(ready row: Row, now: Date) throws {
        let position = try row["ahead", as: Int.self] + 1
        if try row["paused", as: Bool.self] {
            self.init(blocker: .paused, detail: "the account was paused by its operator", position: position, rate: 0)
            return
        }
        let standing = try row["standing", as: String?.self]
        if standing == "paused" {
            let detail =
                "paused because too much of the tenant's mail bounced or led to complaints: see GET /reputation"
            self.init(blocker: .paused, detail: detail, position: position, rate: 0)
            return
        }
        if let parked = try row["parked", as: String?.self] {
            let park = AccountPark(rawValue: parked)
            self.init(blocker: park?.blocker ?? .paused, detail: park?.words, position: position, rate: 0)
            return
        }
        let slowest = try standing == "slowed" ? row["slow_rate", as: Double.self] : nil
        let outlook = LaneOutlook(
            granted: try row["granted", as: Int.self],
            weight: try row["weight", as: Int.self],
            weights: try row["weights", as: Int.self],
            quota: try row["quota", as: Double?.self],
            latency: try row["latency", as: Double.self],
            ceiling: slowest
        )
        let isCountedOut = try row["entries_ahead", as: Int.self] >= WaitingStatement.mostCounted
        let detail: String? =
            if try row["workers", as: Int.self] == 0 {
                "no node sends for the account just now"
            } else if slowest != nil {
                "slowed because much of the tenant's mail bounced or led to complaints: see GET /reputation"
            } else if isCountedOut {
                "more than \(WaitingStatement.mostCounted) messages are before it: position and eta are not known yet"
            } else {
                nil
            }
        self.init(
            blocker: try row["is_full", as: Bool.self] ? .share : .accountQuota,
            detail: detail,
            position: isCountedOut ? nil : position,
            rate: outlook.rate,
            eta: isCountedOut ? nil : outlook.eta(position: position, now: now)
        )
    }
}
