import Outbox

/// One step of a cursor along the feed: what is to be delivered, and where the cursor stands behind it.
struct FanOutStep {
    let entries: [FeedEntry]
    /// Nil when the cursor stays.
    let position: FeedPosition?
    /// Whether it ended because there was no more room.
    let isFull: Bool

    /// Goes through a page of the feed until `room` deliveries are found or the page ends.
    init(through page: [FeedEntry], filter: EndpointFilter, room: Int) {
        var chosen: [FeedEntry] = []
        var last: FeedEntry?
        for entry in page {
            if filter.accepts(entry) {
                if chosen.count >= room { break }
                chosen.append(entry)
            }
            last = entry
        }
        entries = chosen
        position = last.map { FeedPosition(seq: $0.seq, at: $0.sequencedAt) }
        isFull = last?.seq != page.last?.seq
    }
}
