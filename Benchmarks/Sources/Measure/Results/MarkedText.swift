/// A page with parts that a program fills in, each between `<!-- NAME -->` and `<!-- /NAME -->`.
public enum MarkedText {
    /// The page with the part replaced; nil when the page lacks the markers.
    public static func replacing(_ name: String, in page: String, with text: String) -> String? {
        let opening = "<!-- \(name) -->"
        let closing = "<!-- /\(name) -->"
        guard let start = page.firstRange(of: opening), let end = page.firstRange(of: closing),
            start.upperBound <= end.lowerBound
        else { return nil }
        return page[..<start.upperBound] + "\n" + text + "\n" + page[end.lowerBound...]
    }
}
