/// What can go wrong: each code with what it means, what to do, and an example.
struct ProblemCatalogue: Sendable {
    struct Entry: Sendable {
        let code: Problem.Code
        /// What is said of an example.
        let detail: String
        let meaning: String
        let remedy: String
    }

    /// In the order of the fragments.
    private(set) var entries: [Entry] = []
    private var places: [String: Int] = [:]

    /// - Parameter texts: by code, what fragments say: `detail`, `meaning` and `remedy`.
    /// - Throws: `APIDocumentError` for a code that there is not, or one without all three.
    init(_ texts: [(String, JSONValue)]) throws(APIDocumentError) {
        var codes: [String: Problem.Code] = [:]
        for code in Problem.Code.all { codes[code.name] = code }
        for (name, text) in texts {
            guard let code = codes[name] else { throw APIDocumentError("there is no problem '\(name)'") }
            guard let detail = text["detail"]?.asString, let meaning = text["meaning"]?.asString,
                let remedy = text["remedy"]?.asString
            else { throw APIDocumentError("problem \(name) needs detail, meaning and remedy") }
            guard places.updateValue(entries.count, forKey: name) == nil else {
                throw APIDocumentError("problem \(name) is explained twice")
            }
            entries.append(Entry(code: code, detail: detail, meaning: meaning, remedy: remedy))
        }
    }

    func entry(_ name: String) throws(APIDocumentError) -> Entry {
        guard let place = places[name] else { throw APIDocumentError("problem \(name) is not explained") }
        return entries[place]
    }

    /// Each code's example, for the document's components.
    var examples: [(String, JSONValue)] {
        entries.map { entry in
            let problem = Problem(entry.code, entry.detail)
            return (
                Self.exampleName(entry.code.name),
                .object([
                    ("summary", .string(entry.code.title)),
                    ("value", problem.json(requestID: "0b5e1e6e-3f0a-4a54-9c1f-6d1a2f6a0c11")),
                ])
            )
        }
    }

    static func exampleName(_ code: String) -> String { "problem_\(code)" }
}
