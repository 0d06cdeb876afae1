/// Why a share tree is refused: the share's path below the account (empty for the account) and a sentence.
public struct ShareProblem: Error, Equatable, Sendable, CustomStringConvertible {
    public let path: String
    public let detail: String

    public init(path: String, detail: String) {
        self.path = path
        self.detail = detail
    }

    public var description: String { path.isEmpty ? detail : "share \(path): \(detail)" }
}
