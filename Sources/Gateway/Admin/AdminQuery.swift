import Hummingbird

/// The query of an admin request. An unknown parameter is refused: a typo in `dry_run` would otherwise be a real change.
struct AdminQuery: Sendable {
    private let values: [String: String]

    init(_ request: Request, allowing known: [String] = []) throws {
        var values: [String: String] = [:]
        for (key, value) in request.uri.queryParameters {
            let name = String(key)
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

    subscript(name: String) -> String? { values[name] }

    /// Whether the change is only to be planned.
    static func isDryRun(_ request: Request) throws -> Bool {
        switch try AdminQuery(request, allowing: ["dry_run"])["dry_run"] {
        case nil, "false": false
        case "true": true
        case let other?: throw Problem(.invalidQuery, "dry_run is '\(other)'; it must be true or false")
        }
    }
}
