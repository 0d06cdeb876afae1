/// The way to the next part of a list and back, keeping what was asked for.
public struct Pager: Sendable {
    let path: String
    /// What else the list was asked for.
    let query: [(name: String, value: String)]
    /// Where older entries go on; nil where there are none.
    let older: String?
    /// The same of newer ones.
    let newer: String?

    public init(path: String, query: [(name: String, value: String)], older: String?, newer: String?) {
        self.path = path
        self.query = query
        self.older = older
        self.newer = newer
    }

    public var html: HTML {
        guard older != nil || newer != nil else { return .empty }
        let back: HTML? = newer.map {
            "<a class=\"button quiet\" rel=\"prev\" href=\"\(link("before", $0))\">Newer</a>"
        }
        let on: HTML? = older.map { "<a class=\"button quiet\" rel=\"next\" href=\"\(link("after", $0))\">Older</a>" }
        return "<nav class=\"pages\" aria-label=\"Pages\">\(back)\(on)</nav>"
    }

    private func link(_ name: String, _ value: String) -> String {
        let pairs =
            query.filter { !$0.value.isEmpty }.map { (name: $0.name, value: $0.value) } + [(name: name, value: value)]
        return path + "?" + pairs.map { "\(Words.segment($0.name))=\(Words.segment($0.value))" }.joined(separator: "&")
    }
}
