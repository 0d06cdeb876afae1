/// One page of a dashboard, without its frame.
public struct DashboardPage: Sendable {
    public let title: String
    /// Of the link of the frame that leads here, or to what this is a part of.
    public let section: String
    public let body: HTML
    /// Where the news of the page come from, as server-sent events; nil: from nowhere.
    public let live: String?
    /// After how many seconds the page is asked for again, for its parts that are marked `data-part`; nil: never.
    public let refresh: Int?

    public init(title: String, section: String, body: HTML, live: String? = nil, refresh: Int? = nil) {
        self.title = title
        self.section = section
        self.body = body
        self.live = live
        self.refresh = refresh
    }
}

/// A part of a page as it is now; it takes the place of the element with its id.
public struct LivePart: Equatable, Sendable {
    public let id: String
    /// The element, its id included.
    public let html: String

    public init(id: String, _ html: HTML) {
        self.id = id
        self.html = html.text
    }
}
