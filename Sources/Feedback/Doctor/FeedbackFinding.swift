/// One thing that was looked at, and how to put it right.
public struct FeedbackFinding: Sendable, Hashable {
    public enum Level: String, Sendable {
        case sound
        /// Nothing is lost yet, or it may be meant.
        case warning
        case problem
    }

    public let check: String
    public let level: Level
    public let detail: String

    init(_ level: Level, _ check: String, _ detail: String) {
        self.check = check
        self.level = level
        self.detail = detail
    }
}
