import Directory
import Metrics
import SES
import Synchronization

/// Counts an account's recipients by share. Shares beyond a bound are counted together, so that the label set stays small.
final class RecipientCounters: Sendable {
    private struct Series: Hashable {
        let share: Int32
        let outcome: String
    }

    private let account: String
    private let directory: DirectoryCache
    private let known = Mutex<[Series: Counter]>([:])

    init(account: String, directory: DirectoryCache) {
        self.account = account
        self.directory = directory
    }

    func count(_ recipients: Int, share: Int32, outcome: SendOutcome) {
        let series = Series(share: share, outcome: outcome.word)
        let counter = known.withLock { known in
            if let counter = known[series] { return counter }
            let counter = Counter(
                label: "sluice_send_recipients",
                dimensions: [
                    ("account", account), ("share", ShareLabel.of(share, in: directory.current)),
                    ("outcome", series.outcome),
                ]
            )
            // Shares come and go; what is forgotten is made again.
            if known.count >= 3 * ShareLabel.most { known = [:] }
            known[series] = counter
            return counter
        }
        counter.increment(by: recipients)
    }
}
