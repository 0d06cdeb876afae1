import FoundationEssentials
import Mail
import Synchronization

/// The message ids of this process.
final class MessageIDSource: Sendable {
    private let generator = Mutex(MessageIDGenerator())

    func next(at now: Date) -> MessageID {
        var random = SystemRandomNumberGenerator()
        return generator.withLock { generator in
            generator.next(milliseconds: Int64(now.timeIntervalSince1970 * 1000), using: &random)
        }
    }
}
