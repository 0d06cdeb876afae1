import Postgres

/// What is known of the keys of a flush: which were answered before, and which are free.
struct KnownAnswers {
    private let answers: [[UInt8]: (requestHash: [UInt8], answer: String)]
    /// Locks that this transaction has, and nobody's key was taken under.
    private var free: Set<Int64>

    /// - Parameters:
    ///   - locks: the rows of `IdempotencyStatement.lock`.
    ///   - found: those of `find`.
    init(locks: Rows, found: Rows) throws {
        let rows = try found.decode([UInt8].self, [UInt8].self, String.self)
        answers = Dictionary(rows.map { ($0.0, ($0.1, $0.2)) }) { first, _ in first }
        free = Set(try locks.decode(Int64.self, Bool.self).filter(\.1).map(\.0))
    }

    /// What was answered under the key, or why nothing can be; nil when it was never used and the caller may use it. Of two
    /// callers, the first one may.
    mutating func take(_ key: IdempotencyKey) -> AcceptVerdict? {
        if let known = answers[key.hash] {
            guard known.requestHash == key.requestHash else {
                return .failed(AcceptError(.keyReused, "the key was used for another request"))
            }
            return .answered(Receipt(answer: known.answer, isReplay: true))
        }
        if free.remove(key.lock) != nil { return nil }
        return .failed(AcceptError(.keyInUse, "a request with the same key is being accepted"))
    }
}
