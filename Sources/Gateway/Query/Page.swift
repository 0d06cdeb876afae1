import Hummingbird

/// Which part of a list is asked for: `limit` (1 to 100), and what comes `after` or `before` an entry.
struct PageQuery<Cursor: LosslessStringConvertible & Comparable & Sendable>: Sendable {
    private static var maximum: Int { 100 }

    let limit: Int
    let after: Cursor?
    let before: Cursor?
    /// The other parameters that the list takes.
    let filters: RequestQuery

    /// - Parameter isForm: of a page; see ``RequestQuery``.
    init(_ request: Request, filters names: [String] = [], isForm: Bool = false) throws {
        let query = try RequestQuery(request, allowing: ["limit", "after", "before"] + names, isForm: isForm)
        limit = try query.number("limit", in: 1...Self.maximum, standard: 20)
        after = try Self.cursor(query["after"], "after")
        before = try Self.cursor(query["before"], "before")
        filters = query
        guard after == nil || before == nil else {
            throw Problem(.invalidQuery, "give either after or before")
        }
    }

    /// The page of a list that is in memory, in the order of its cursors.
    func page<Item>(of items: [Item], by cursor: (Item) -> Cursor) -> Page<Item> {
        if let before {
            let left = items.filter { cursor($0) < before }
            return Page(items: left.suffix(limit), hasMore: left.count > limit)
        }
        let left = after.map { after in items.filter { cursor($0) > after } } ?? items
        return Page(items: Array(left.prefix(limit)), hasMore: left.count > limit)
    }

    /// The page of a list of which one entry more than the limit was read.
    func page<Item>(reading items: [Item]) -> Page<Item> {
        guard items.count > limit else { return Page(items: items, hasMore: false) }
        return Page(items: Array(before == nil ? items.prefix(limit) : items.suffix(limit)), hasMore: true)
    }

    /// The same of a list whose reader may have stopped early, at `edge`: then there may be more, even where nothing was found.
    func page<Item>(reading items: [Item], by cursor: (Item) -> String, upTo edge: String?) -> Page<Item> {
        var page = page(reading: items)
        if page.hasMore {
            page.next = (before == nil ? page.items.last : page.items.first).map(cursor)
        } else if let edge {
            page.hasMore = true
            page.next = edge
        }
        return page
    }

    private static func cursor(_ text: String?, _ name: String) throws -> Cursor? {
        guard let text else { return nil }
        guard let cursor = Cursor(text) else {
            throw Problem(.invalidQuery, "\(name) is '\(text)', which names no entry of this list")
        }
        return cursor
    }
}

/// A part of a list.
struct Page<Item> {
    let items: [Item]
    /// There is more in the direction that was asked for, or there may be.
    var hasMore: Bool
    /// Where to go on in that direction, where the last entry does not say so itself because there may be none.
    var next: String?

    init(items: [Item], hasMore: Bool) {
        self.items = items
        self.hasMore = hasMore
    }

    func json(_ item: (Item) -> JSONValue) -> JSONValue {
        var members: [(String, JSONValue)] = [("data", .array(items.map(item))), ("has_more", .bool(hasMore))]
        if let next { members.append(("next", .string(next))) }
        return .object(members)
    }
}
