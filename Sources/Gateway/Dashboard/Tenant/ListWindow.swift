import Outbox

/// A part of a list for a page: what is shown, and where to go on to both sides. It is made of one entry more than is shown.
struct ListWindow<Item> {
    static var size: Int { 25 }

    let items: [Item]
    /// In front of the first entry, and behind the last one, in the list's order.
    let earlier: String?
    let later: String?

    /// - Parameters:
    ///   - read: in the list's order, up to one more than ``size``.
    ///   - edge: where the reader stopped early.
    init(_ read: [Item], after: String?, before: String?, edge: String? = nil, id: (Item) -> String) {
        let hasMore = read.count > Self.size
        if before == nil {
            items = Array(read.prefix(Self.size))
            later = hasMore ? items.last.map(id) : edge
            earlier = after == nil ? nil : items.first.map(id) ?? after
        } else {
            items = Array(read.suffix(Self.size))
            earlier = hasMore ? items.first.map(id) : edge
            later = items.last.map(id) ?? before
        }
    }

    /// - Parameter page: as the lists' readers give it.
    init<Cursor: CustomStringConvertible>(
        _ page: ListPage<Item, Cursor>,
        after: Cursor?,
        before: Cursor?,
        id: (Item) -> Cursor
    ) {
        self.init(
            page.items,
            after: after?.description,
            before: before?.description,
            edge: page.edge?.description,
            id: { id($0).description }
        )
    }
}
