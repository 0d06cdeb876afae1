import Hummingbird

/// The query of a request. An unknown parameter is refused: a typo in `dry_run` would otherwise be a real change, and one in
/// a filter would show what was not asked for.
struct RequestQuery: Sendable {
    private let values: [String: String]

    /// - Parameter isForm: a form of a page: its empty fields ask for nothing.
    init(_ request: Request, allowing known: [String] = [], isForm: Bool = false) throws {
        var values: [String: String] = [:]
        for (key, value) in request.uri.queryParameters where !(isForm && value.isEmpty) {
            let name = String(key)
            // Names and values come percent-decoded; nothing that they can name holds such a character, and NUL is none of SQL's.
            guard !(name + value).unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
                throw Problem(.invalidQuery, "the query holds a control character (percent-encoded)")
            }
            guard known.contains(name) else {
                let detail = known.isEmpty ? "none is known here" : "known are \(known.joined(separator: ", "))"
                throw Problem(.invalidQuery, "unknown query parameter '\(name)'; \(detail)")
            }
            guard values.updateValue(String(value), forKey: name) == nil else {
                throw Problem(.invalidQuery, "query parameter '\(name)' is given twice")
            }
        }
        self.values = values
    }

    /// All of it.
    var given: [String: String] { values }

    subscript(name: String) -> String? { values[name] }

    /// A whole number; `standard` where it is not given.
    func number(_ name: String, in range: ClosedRange<Int>, standard: Int) throws -> Int {
        guard let text = values[name] else { return standard }
        guard let number = Int(text), range.contains(number) else {
            let most = range.upperBound == .max ? "" : " to \(range.upperBound)"
            throw Problem(.invalidQuery, "\(name) must be a whole number from \(range.lowerBound)\(most)")
        }
        return number
    }

    /// Whether the change is only to be planned.
    static func isDryRun(_ request: Request) throws -> Bool {
        switch try RequestQuery(request, allowing: ["dry_run"])["dry_run"] {
        case nil, "false": false
        case "true": true
        case let other?: throw Problem(.invalidQuery, "dry_run is '\(other)'; it must be true or false")
        }
    }
}
