/// An accepted message, as the tests want to see it. A class, because many of them go through a queue by value.
final class StoredMessage: Sendable {
    let id: String
    /// The count instant, in nanoseconds of CLOCK_BOOTTIME.
    let at: Int64
    let submission: Submission

    init(id: String, at: Int64, submission: Submission) {
        self.id = id
        self.at = at
        self.submission = submission
    }

    /// What it holds in memory, roughly.
    var bytes: Int { (submission.content?.body.count ?? 0) + 256 }
}
