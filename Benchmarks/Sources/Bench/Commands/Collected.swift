import Synchronization

/// Results as they come, from wherever.
final class Collected<Result: Sendable>: Sendable {
    private let results = Mutex<[Result]>([])

    var all: [Result] { results.withLock(\.self) }

    func add(_ result: Result) {
        results.withLock { $0.append(result) }
    }
}
