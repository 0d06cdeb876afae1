/// A message's status: its rows' status when they agree, else `mixed`. Summaries of parts add up in any order.
public struct MessageSummary: Hashable, Sendable {
    /// How many rows have each status; no entry is zero.
    public private(set) var counts: [MessageStatus: Int]

    /// Counts rows.
    public init(_ statuses: some Sequence<MessageStatus> = []) {
        counts = statuses.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// Takes counts as a query gives them; entries below one are dropped.
    public init(counts: [MessageStatus: Int]) {
        self.counts = counts.filter { $0.value > 0 }
    }

    /// The status that all rows share; nil when they differ or when there are none.
    public var status: MessageStatus? {
        counts.count == 1 ? counts.keys.first : nil
    }

    /// Whether the rows differ.
    public var isMixed: Bool { counts.count > 1 }

    /// The API's word: the shared status, or `mixed`; nil when there are no rows.
    public var name: String? {
        isMixed ? "mixed" : status?.rawValue
    }

    /// The rows of both.
    public func adding(_ other: MessageSummary) -> MessageSummary {
        MessageSummary(counts: counts.merging(other.counts, uniquingKeysWith: +))
    }
}
