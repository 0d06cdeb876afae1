/// The key of an advisory lock. The two forms are separate spaces: `(0, 7)` and `7` are two locks.
public enum AdvisoryLockKey: Sendable, Hashable {
    case single(Int64)
    case pair(Int32, Int32)

    /// The arguments of the server's lock functions.
    var arguments: SQL {
        switch self {
        case .single(let key): "\(key)"
        case .pair(let first, let second): "\(first), \(second)"
        }
    }
}
