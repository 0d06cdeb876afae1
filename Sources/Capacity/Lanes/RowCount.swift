/// What is known of a queue's length, in recipients: an estimate that claims and scans keep right.
public enum RowCount: Hashable, Sendable {
    /// So many have come.
    case more(Int)
    /// So many there are, or at least.
    case all(Int)

    /// A scan counts no further: as many may be more.
    public static let scanned = 100

    /// Enough to be more than any share can use at once.
    public static let most = 1 << 24
}
