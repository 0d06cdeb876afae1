import Foundation
import Synchronization

@testable import AWS

/// Clocks that stand until they are moved.
final class TestClock: Sendable {
    private let start = ContinuousClock.now
    private let elapsed = Mutex(Duration.zero)

    func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }

    var wall: Date {
        Date(timeIntervalSince1970: 1_767_323_045 + TimeInterval(elapsed.withLock { $0 }.components.seconds))
    }

    var source: TimeSource {
        TimeSource(wall: { self.wall }, monotonic: { self.start + self.elapsed.withLock { $0 } })
    }
}
