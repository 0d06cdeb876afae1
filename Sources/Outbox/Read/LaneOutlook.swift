import Foundation

/// What a lane gets, and when an entry in it will go.
package struct LaneOutlook: Equatable {
    /// Between SES's second and ours, part of every credit's window.
    private static let clockTolerance = 0.002

    /// Recipients a second.
    package let rate: Double

    /// - Parameters:
    ///   - granted: the credits of the lane's share.
    ///   - weight: the lane's; `weights`: those of all lanes of the share that have rows.
    ///   - quota: in force, recipients a second; nil while it is not known: then nothing is sent.
    ///   - latency: of a call, in seconds.
    ///   - ceiling: recipients a second that the lane gets at most, whatever its share has; nil: as many as that.
    package init(granted: Int, weight: Int, weights: Int, quota: Double?, latency: Double, ceiling: Double? = nil) {
        guard let quota, quota > 0, weights > 0 else {
            rate = 0
            return
        }
        let window = max(1, 1 / quota) + Self.clockTolerance
        let due = Double(granted) * Double(weight) / Double(max(weights, weight)) / (window + latency)
        rate = min(due, ceiling ?? due)
    }

    /// When the entry at `position` (1 is next) goes; nil when the lane gets nothing.
    func eta(position: Int, now: Date) -> Date? {
        rate > 0 ? now.addingTimeInterval(Double(position) / rate) : nil
    }
}
