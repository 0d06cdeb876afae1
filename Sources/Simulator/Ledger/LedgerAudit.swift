/// Goes over all ledger entries once and finds what the summary says about timestamps and ids.
struct LedgerAudit {
    private var second = WindowMaximum(length: 1_000_000_000)
    private var window: WindowMaximum
    private var references: [OutboxReference] = []

    /// `window`: the length of the rate's window in nanoseconds.
    init(window: Int64) {
        self.window = WindowMaximum(length: window)
    }

    mutating func add(_ entries: [LedgerEntry]) {
        for entry in entries where entry.outcome.isAccepted {
            second.add(at: entry.at, recipients: entry.recipients)
            window.add(at: entry.at, recipients: entry.recipients)
            if entry.reference.kind != .none { references.append(entry.reference) }
        }
    }

    var maxInOneSecond: Int { second.maximum }

    var maxInWindow: Int { window.maximum }

    /// Different ids, and sends beyond the first per id.
    consuming func identities() -> (unique: Int, duplicates: Int) {
        references.sort()
        var unique = 0
        for (index, reference) in references.enumerated() where index == 0 || references[index - 1] != reference {
            unique += 1
        }
        return (unique, references.count - unique)
    }
}
